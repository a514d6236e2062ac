import type { LoadOptions } from './options/load.options.js';
import { syntheticPlan } from './plan/synthetic.plan.js';
import type { TradePlan } from './plan/trade.plan.js';
import { replayPlan } from './tape/replay.plan.js';
import { readTapeFile } from './tape/tape.reader.js';

/** Makes plans: `ratePerSecond` is what made-up trades are to have, `limitSeconds` ends the plan early. */
export type PlanMaker = (ratePerSecond: number, limitSeconds?: number) => TradePlan;

/**
 * Prepares what the options ask for.
 * @throws {TapeError} when the tape cannot be replayed
 */
export async function planMaker({ source, durationSeconds = 0 }: LoadOptions): Promise<PlanMaker> {
  if (source.kind === 'synthetic')
    return (ratePerSecond, limitSeconds) =>
      syntheticPlan(source, ratePerSecond, limitSeconds ?? durationSeconds);
  const tape = await readTapeFile(source.file);
  const wholeSeconds = durationSeconds > 0 ? durationSeconds : undefined;
  return (_rate, limitSeconds) => replayPlan(tape, source.speed, limitSeconds ?? wholeSeconds);
}
