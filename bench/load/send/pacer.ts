import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { PlannedTrade, TradePlan } from '../plan/trade-plan.js';
import type { DueTime } from './load-sender.js';

/** Where a run stands. */
export interface Progress {
  readonly elapsedSeconds: number;
  readonly durationSeconds: number;
  readonly sent: number;
}

/** What a pacer does with each trade, and after each tick. */
export interface PaceHooks {
  send(trade: PlannedTrade, due: DueTime): void;
  /** How late a trade was sent: the generator's own share of its latency. */
  onLag(lagSeconds: number): void;
  /** Return true to end the run early. */
  onTick(progress: Progress): boolean;
}

/** One millisecond is as fine as Node's timers go: events due in between go out together, at the tick. */
const TICK_MS = 1;
/** Most trades sent without a break: a generator that falls behind must still take answers. */
const MAX_BURST = 64;
/**
 * The system's clock is read in whole milliseconds: when it is further off than this, somebody set it, or the machine slept.
 */
const MAX_CLOCK_ERROR_MS = 2;

/** How far the system's clock is ahead of `performance.now()`, which nobody can set: still `aheadMs`, or a new value. */
function followed(aheadMs: number): number {
  const seenMs = Date.now() - performance.now();
  return Math.abs(seenMs - aheadMs) > MAX_CLOCK_ERROR_MS ? seenMs : aheadMs;
}

/**
 * Sends every trade once it is due. It never waits for an answer, so a slow receiver does not slow the arrivals down,
 * and each event carries the time it was *due*, from which latency is counted: a pause of the sender or of the
 * receiver shows in full (no coordinated omission).
 * @returns how many trades were sent, and whether that was all of them
 */
export async function pace(
  plan: TradePlan,
  hooks: PaceHooks,
): Promise<{ sent: number; isComplete: boolean }> {
  const trades = plan.trades[Symbol.iterator]();
  const startMs = performance.now();
  let aheadMs = performance.timeOrigin;
  const elapsed = (): number => (performance.now() - startMs) / 1000;
  let sent = 0;
  let upcoming = trades.next();
  while (upcoming.done !== true) {
    const burstEnd = sent + MAX_BURST;
    aheadMs = followed(aheadMs);
    let lagSeconds = elapsed() - upcoming.value.dueSeconds;
    while (lagSeconds >= 0 && sent < burstEnd) {
      hooks.onLag(lagSeconds);
      const clockMs = startMs + upcoming.value.dueSeconds * 1000;
      hooks.send(upcoming.value, { clockMs, epochSeconds: (aheadMs + clockMs) / 1000 });
      sent += 1;
      upcoming = trades.next();
      if (upcoming.done === true) break;
      lagSeconds = elapsed() - upcoming.value.dueSeconds;
    }
    const progress = { elapsedSeconds: elapsed(), durationSeconds: plan.durationSeconds, sent };
    if (hooks.onTick(progress)) return { sent, isComplete: upcoming.done === true };
    await (sent === burstEnd ? nextTurn() : sleep(TICK_MS));
  }
  return { sent, isComplete: true };
}
