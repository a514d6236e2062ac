import type { Side } from './event.number.js';

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>[^}]*)\})? (?<value>\S+)/;
const ANSWER_TIMEOUT_MS = 10_000;

/** Values of one reading of `/metrics`, by name and labels as they are written: `trades_total{side="buy"}`. */
export type Samples = ReadonlyMap<string, number>;

/** How many events of one side were counted, and the sum of their quantities. */
export interface Tally {
  readonly count: number;
  readonly sum: number;
}

/** The counters of both sides. */
export type Totals = Readonly<Record<Side, Tally>>;

/** @throws when the app does not answer 200 in 10 s */
export async function readSamples(appUrl: string): Promise<Samples> {
  const answer = await fetch(`${appUrl}/metrics`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${appUrl}/metrics answered ${answer.status}`);
  const samples = new Map<string, number>();
  for (const line of (await answer.text()).split('\n')) {
    const { name, labels, value } = SAMPLE.exec(line)?.groups ?? {};
    if (name !== undefined) samples.set(labels === undefined ? name : `${name}{${labels}}`, Number(value));
  }
  return samples;
}

/** A sample's value; 0 when it is not there. */
export function sample(samples: Samples, name: string): number {
  return samples.get(name) ?? 0;
}

function tally(samples: Samples, side: Side): Tally {
  return {
    count: sample(samples, `trades_total{side="${side}"}`),
    sum: sample(samples, `volume_total{side="${side}"}`),
  };
}

/** What the sidecar has counted. @throws when it does not answer */
export async function readTotals(sidecarUrl: string): Promise<Totals> {
  const samples = await readSamples(sidecarUrl);
  return { buy: tally(samples, 'buy'), sell: tally(samples, 'sell') };
}

/** Events of both sides. */
export function countOf({ buy, sell }: Totals): number {
  return buy.count + sell.count;
}
