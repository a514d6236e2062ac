import { waitUntil } from './wait.js';

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>[^}]*)\})? (?<value>\S+)/;
const ANSWER_TIMEOUT_MS = 10_000;

/** Values of one scrape, by name and labels as they are written: `trades_total{side="buy"}`. */
export type Samples = ReadonlyMap<string, number>;

/** Reads samples from a scrape's text. */
export function samplesIn(text: string): Samples {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    const { name, labels, value } = SAMPLE.exec(line)?.groups ?? {};
    if (name !== undefined) samples.set(labels === undefined ? name : `${name}{${labels}}`, Number(value));
  }
  return samples;
}

/**
 * Scrapes a metrics route.
 * @throws when it does not answer 200 in 10 s
 */
export async function scrape(url: string): Promise<Samples> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return samplesIn(await answer.text());
}

/** What was applied, by side. */
export interface AppliedTrades {
  readonly buy: number;
  readonly sell: number;
  readonly buyVolume: number;
  readonly sellVolume: number;
}

/** A counter of one side, over all partitions where it has them; NaN when there is none. */
function ofSide(samples: Samples, name: string, side: string): number {
  const values = [...samples].filter(([key]) => key.startsWith(`${name}{side="${side}"`));
  return values.length === 0 ? Number.NaN : values.reduce((sum, [, value]) => sum + value, 0);
}

/** Reads the sidecar's counters. */
export async function appliedTrades(sidecarUrl: string): Promise<AppliedTrades> {
  const samples = await scrape(`${sidecarUrl}/metrics/`);
  return {
    buy: ofSide(samples, 'trades_total', 'buy'),
    sell: ofSide(samples, 'trades_total', 'sell'),
    buyVolume: ofSide(samples, 'volume_total', 'buy'),
    sellVolume: ofSide(samples, 'volume_total', 'sell'),
  };
}

/** Trades of both sides. */
export function countOf({ buy, sell }: AppliedTrades): number {
  return buy + sell;
}

/**
 * Waits until at least `count` trades are applied, and returns the counters. A test that compares them exactly notices an event
 * that was counted twice as well as a missing one.
 */
export function whenApplied(sidecarUrl: string, count: number, timeoutMs?: number): Promise<AppliedTrades> {
  return waitUntil(
    `${count} applied trades`,
    async () => {
      const applied = await appliedTrades(sidecarUrl);
      return countOf(applied) >= count && applied;
    },
    timeoutMs,
  );
}

/** Waits until a sample has at least this value, and returns the scrape that showed it. */
export function whenCounted(url: string, sample: string, value: number): Promise<Samples> {
  return waitUntil(`${sample} reaching ${value}`, async () => {
    const samples = await scrape(`${url}/metrics`);
    return (samples.get(sample) ?? 0) >= value && samples;
  });
}
