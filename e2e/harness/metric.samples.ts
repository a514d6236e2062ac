import { waitUntil } from './wait.until.js';

/** Samples by name and labels as they stand in the text: `trades_total{side="buy"}`. */
export type MetricSamples = ReadonlyMap<string, number>;

/** Reads an app's metrics. */
export async function scrape(url: string): Promise<MetricSamples> {
  const text = await (await fetch(url)).text();
  const samples = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, number] => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    });
  return new Map(samples);
}

/** What has been applied, by side. */
export interface AppliedTrades {
  readonly buy: number;
  readonly sell: number;
  readonly buyVolume: number;
  readonly sellVolume: number;
}

/** Reads the sidecar's counters. */
export async function appliedTrades(sidecarUrl: string): Promise<AppliedTrades> {
  const samples = await scrape(`${sidecarUrl}/metrics/`);
  const read = (name: string): number => samples.get(name) ?? Number.NaN;
  return {
    buy: read('trades_total{side="buy"}'),
    sell: read('trades_total{side="sell"}'),
    buyVolume: read('volume_total{side="buy"}'),
    sellVolume: read('volume_total{side="sell"}'),
  };
}

/**
 * Waits until at least `count` trades are applied, and gives the counters then: a test that compares them exactly
 * sees an event that was counted twice as well as one that is missing.
 */
export function whenApplied(sidecarUrl: string, count: number, timeoutMs?: number): Promise<AppliedTrades> {
  return waitUntil(
    `${count} applied trades`,
    async () => {
      const applied = await appliedTrades(sidecarUrl);
      return applied.buy + applied.sell >= count && applied;
    },
    timeoutMs,
  );
}
