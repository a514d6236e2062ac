import type { PlannedTrade, TradePlan } from '../plan/trade-plan.js';
import type { TradeTape } from './trade-tape.js';

function* trades(tape: TradeTape, speed: number, durationSeconds: number): Generator<PlannedTrade> {
  for (let index = 0; index < tape.count; index += 1) {
    const { seconds, qty, side } = tape.at(index);
    const dueSeconds = seconds / speed;
    if (dueSeconds > durationSeconds) return;
    yield { dueSeconds, side, qty };
  }
}

/**
 * A tape as a plan: its trades at their recorded distances in time, `speed` times as fast.
 * @param limitSeconds ends the replay early; the whole tape when undefined
 */
export function replayPlan(tape: TradeTape, speed: number, limitSeconds?: number): TradePlan {
  const wholeSeconds = tape.spanSeconds / speed;
  const durationSeconds = Math.min(wholeSeconds, limitSeconds ?? wholeSeconds);
  const order = tape.outOfOrder > 0 ? `, ${tape.outOfOrder} of them out of order` : '';
  return {
    description: `a tape of ${tape.count} trades over ${tape.spanSeconds.toFixed(1)} s at ${speed} times its speed${order}`,
    // A tape of a single moment has no rate; all its trades are due at once.
    ratePerSecond: wholeSeconds > 0 ? tape.count / wholeSeconds : tape.count,
    durationSeconds,
    trades: { [Symbol.iterator]: () => trades(tape, speed, durationSeconds) },
  };
}
