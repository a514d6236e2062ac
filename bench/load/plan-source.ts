import type { LoadOptions } from './options/load-options.js';
import { syntheticPlan } from './plan/synthetic-plan.js';
import type { TradePlan } from './plan/trade-plan.js';
import { replayPlan } from './tape/replay-plan.js';
import { readTapeFile } from './tape/tape-reader.js';

/** Makes plans: `ratePerSecond` is the rate of made-up trades, `limitSeconds` ends the plan early. */
export type PlanMaker = (ratePerSecond: number, limitSeconds?: number) => TradePlan;

/**
 * Prepares the source that the options name.
 * @throws {TapeError} when the tape cannot be replayed
 */
export async function planMaker({ source, durationSeconds = 0 }: LoadOptions): Promise<PlanMaker> {
  if (source.kind === 'synthetic')
    return (ratePerSecond, limitSeconds) =>
      syntheticPlan(source, ratePerSecond, limitSeconds ?? durationSeconds);
  const tape = await readTapeFile(source.file);
  const wholeSeconds = durationSeconds > 0 ? durationSeconds : undefined;
  return (_rate, limitSeconds) => replayPlan(tape, source, limitSeconds ?? wholeSeconds);
}
