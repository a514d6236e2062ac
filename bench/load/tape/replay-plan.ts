import type { PlannedTrade, TradePlan } from '../plan/trade-plan.js';
import type { TradeTape } from './trade-tape.js';

/** What a replay does to a tape. */
export interface ReplayHow {
  /** How many times as fast as recorded. */
  readonly speed: number;
  /** The symbol of trades that name none; undefined: they stay without. */
  readonly symbol?: string | undefined;
}

function* trades(
  tape: TradeTape,
  { speed, symbol }: ReplayHow,
  durationSeconds: number,
): Generator<PlannedTrade> {
  const common = symbol === undefined ? {} : { symbol };
  for (let index = 0; index < tape.count; index += 1) {
    const { seconds, ...trade } = tape.at(index);
    const dueSeconds = seconds / speed;
    if (dueSeconds > durationSeconds) return;
    yield { dueSeconds, ...common, ...trade };
  }
}

/**
 * A tape as a plan: its trades at their recorded distances in time, as many times as fast.
 * @param limitSeconds ends the replay early; the whole tape when undefined
 */
export function replayPlan(tape: TradeTape, how: ReplayHow, limitSeconds?: number): TradePlan {
  const { speed } = how;
  const wholeSeconds = tape.spanSeconds / speed;
  const durationSeconds = Math.min(wholeSeconds, limitSeconds ?? wholeSeconds);
  const order = tape.outOfOrder > 0 ? `, ${tape.outOfOrder} of them out of order` : '';
  return {
    description: `a tape of ${tape.count} trades over ${tape.spanSeconds.toFixed(1)} s at ${speed} times its speed${order}`,
    // A tape of a single moment has no rate; all its trades are due at once.
    ratePerSecond: wholeSeconds > 0 ? tape.count / wholeSeconds : tape.count,
    durationSeconds,
    trades: { [Symbol.iterator]: () => trades(tape, how, durationSeconds) },
  };
}
