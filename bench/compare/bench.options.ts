import { parseArgs } from 'node:util';
import { PEER_LABELS } from './peers/peer.info.js';

/** The figures that a run can measure. */
export const FIGURES = ['one-way', 'latency', 'requests', 'memory'] as const;

/** One of {@link FIGURES}. */
export type Figure = (typeof FIGURES)[number];

/** What one run is asked to do. */
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
  /** The name under which a whole run is kept in bench/results; undefined for one that leaves something out. */
  readonly keepAs: 'latest' | 'memory' | undefined;
}

/** What the command takes, as its help says it. */
export const BENCH_USAGE = `usage: npm run bench -- [--rounds N] [--only PEER,…] [--figures ${FIGURES.join(',')}] [--quick] [--memory] [--json FILE]
  --rounds N   rounds of the comparison, 5 unless said otherwise
  --only       ${Object.keys(PEER_LABELS).join(', ')}
  --quick      one short round: shows that it runs, not what is reached
  --memory     memory over 10 million events, and nothing else`;

/** An option that is unknown or out of range. */
export class BenchUsageError extends Error {
  readonly code = 'ERR_BENCH_USAGE';
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        only: { type: 'string' },
        figures: { type: 'string' },
        quick: { type: 'boolean', default: false },
        memory: { type: 'boolean', default: false },
        json: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new BenchUsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function list(name: string, text: string | undefined, known: readonly string[]): string[] | undefined {
  const names = text?.split(',').map((part) => part.trim());
  const wrong = names?.find((it) => !known.includes(it));
  if (wrong !== undefined) throw new BenchUsageError(`--${name}: "${wrong}" is none of ${known.join(', ')}`);
  return names;
}

function roundsOf(text: string | undefined, quick: boolean): number {
  const rounds = Number(text ?? (quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new BenchUsageError(`--rounds must be a whole number over 0, not "${text ?? ''}"`);
  }
  return rounds;
}

/**
 * Reads the command line.
 * @throws {BenchUsageError} naming the option at fault
 */
export function parseBenchOptions(args: readonly string[]): BenchOptions {
  const { quick, memory, ...values } = parse(args);
  const figures = list('figures', values.figures, FIGURES) as Figure[] | undefined;
  const only = list('only', values.only, Object.keys(PEER_LABELS));
  const comparison: readonly Figure[] = ['one-way', 'latency', 'requests'];
  return {
    rounds: roundsOf(values.rounds, quick),
    warmUpSeconds: quick ? 0.2 : 1,
    measureSeconds: quick ? 0.3 : 2,
    figures: figures ?? (memory ? ['memory'] : comparison),
    only,
    memoryEvents: quick ? 200_000 : 10_000_000,
    jsonFile: values.json,
    keepAs: quick || figures !== undefined || only !== undefined ? undefined : memory ? 'memory' : 'latest',
  };
}
