import { type ComparedFigure, FIGURE_PEERS, PEER_LABELS, PRODUCT_PEERS } from './peers/peer-info.js';

const COMPARED_FIGURES = Object.keys(FIGURE_PEERS) as ComparedFigure[];

/** The figures that a run can measure. */
export const FIGURES = [...COMPARED_FIGURES, 'memory'] as const;

/** One of {@link FIGURES}. */
export type Figure = (typeof FIGURES)[number];

/** The options of one run. */
export interface BenchOptions {
  readonly rounds: number;
  readonly warmUpSeconds: number;
  readonly measureSeconds: number;
  readonly figures: readonly Figure[];
  /** The peers to measure; all when undefined. */
  readonly only: readonly string[] | undefined;
  /** Events of the memory figure. */
  readonly memoryEvents: number;
  readonly jsonFile: string | undefined;
  /** True when the run is kept in bench/results: a whole run, or one that is merged. */
  readonly keep: boolean;
  /** True when the figures of this run replace the same ones in the kept results, and the others stay. */
  readonly merge: boolean;
  /** True when the documents made from the kept results are written too. */
  readonly write: boolean;
}

/** An option that is unknown or out of range. */
export class BenchUsageError extends Error {
  readonly code = 'ERR_BENCH_USAGE';
}

/** Options as read by scripts/lib/options.mjs: their value, or true for those without one. */
export type GivenOptions = Readonly<Record<string, string | true>>;

/** The options that have a value. */
function textsOf(given: GivenOptions): Readonly<Partial<Record<string, string>>> {
  return Object.fromEntries(
    Object.entries(given).filter((option): option is [string, string] => option[1] !== true),
  );
}

function list(name: string, text: string | undefined, known: readonly string[]): string[] | undefined {
  const names = text?.split(',').map((part) => part.trim());
  const wrong = names?.find((it) => !known.includes(it));
  if (wrong !== undefined)
    throw new BenchUsageError(`--${name}: "${wrong}" is not one of ${known.join(', ')}`);
  return names;
}

function roundsOf(text: string | undefined, quick: boolean): number {
  const rounds = Number(text ?? (quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new BenchUsageError(`--rounds must be a whole number over 0, not "${text ?? ''}"`);
  }
  return rounds;
}

/** The named peers; for `product`, all peers that it stands for. */
function peersOf(text: string | undefined): readonly string[] | undefined {
  const names = list('only', text, ['product', ...Object.keys(PEER_LABELS)]);
  return names?.flatMap((name) => (name === 'product' ? PRODUCT_PEERS : [name]));
}

/** A figure that lacks a peer has no ratios: it must not replace one that has them. */
function assertMergeable(
  figures: readonly Figure[],
  only: readonly string[] | undefined,
  quick: boolean,
): void {
  if (quick) throw new BenchUsageError('--merge cannot keep the results of a --quick run: they mean nothing');
  const partial = figures.find(
    (figure) => figure !== 'memory' && FIGURE_PEERS[figure].some((peer) => only?.includes(peer) === false),
  );
  if (partial !== undefined) {
    throw new BenchUsageError(`--merge takes whole figures, and --only leaves out peers of "${partial}"`);
  }
}

/**
 * Reads a command line.
 * @throws {BenchUsageError} naming the option at fault
 */
export function parseBenchOptions(given: GivenOptions): BenchOptions {
  const has = (name: string): boolean => given[name] === true;
  const [quick, memory] = [has('quick'), has('memory')];
  const [merge, write] = [has('merge'), has('write')];
  const values = textsOf(given);
  const only = peersOf(values['only']);
  const asked =
    (list('figures', values['figures'], FIGURES) as Figure[] | undefined) ??
    (memory ? ['memory' as const] : FIGURES);
  const figures = asked.filter((figure) =>
    figure === 'memory'
      ? only === undefined
      : FIGURE_PEERS[figure].some((peer) => only?.includes(peer) !== false),
  );
  if (merge) assertMergeable(figures, only, quick);
  const isWhole = !quick && !memory && values['figures'] === undefined && only === undefined;
  if (write && !merge && !isWhole) throw new BenchUsageError('--write needs a whole run, or --merge');
  return {
    rounds: roundsOf(values['rounds'], quick),
    warmUpSeconds: quick ? 0.2 : 1,
    measureSeconds: quick ? 0.3 : 2,
    figures,
    only,
    memoryEvents: quick ? 200_000 : 10_000_000,
    jsonFile: values['json'],
    keep: merge || isWhole,
    merge,
    write,
  };
}
