import { setTimeout as sleep } from 'node:timers/promises';
import { scrape } from '../../../testing/samples.js';
import { monotonicMs } from '../clock.js';
import { WorkerError } from '../workers/worker-process.js';

const LOOK_EVERY_MS = 5;
/**
 * A process that used no processor time for this long has nothing left to do, or did not get the processor: its count tells
 * which.
 */
const QUIET_MS = 60;
const PATIENCE_MS = 10_000;

/** A receiver of events, seen from outside: by its process, and by the count that it reports. */
export interface Counted {
  cpuSeconds(): number;
  /** Events counted since the start. */
  count(): Promise<number>;
}

/** A process at rest: since when, and the processor time it had taken by then. */
export interface Rest {
  readonly sinceMs: number;
  readonly cpuSeconds: number;
}

/** The sum of `trades_total`, as a service reports it. */
export async function scrapedTrades(url: string): Promise<number> {
  const counted = [...(await scrape(url))].filter(([name]) => name.startsWith('trades_total{'));
  return counted.reduce((sum, [, count]) => sum + count, 0);
}

/** Waits until a process uses no processor time. It sends no request meanwhile, which would be measured too. */
export async function atRest(receiver: Counted): Promise<Rest> {
  let cpuSeconds = receiver.cpuSeconds();
  let sinceMs = monotonicMs();
  while (monotonicMs() - sinceMs < QUIET_MS) {
    await sleep(LOOK_EVERY_MS);
    const now = receiver.cpuSeconds();
    if (now !== cpuSeconds) {
      cpuSeconds = now;
      sinceMs = monotonicMs();
    }
  }
  return { sinceMs, cpuSeconds };
}

/**
 * Waits until it has counted `total` events, and returns when the last one was done.
 * @throws WorkerError when no more come: nothing is lost between running processes
 */
export async function allCounted(name: string, receiver: Counted, total: number): Promise<Rest> {
  let seen = 0;
  let seenMs = monotonicMs();
  for (;;) {
    const rest = await atRest(receiver);
    const count = await receiver.count();
    if (count >= total) return rest;
    if (count !== seen) {
      seen = count;
      seenMs = monotonicMs();
    }
    if (monotonicMs() - seenMs > PATIENCE_MS) {
      throw new WorkerError(`${name} counted ${count} of ${total} events`);
    }
  }
}
