import { waitForQuiet } from '../measure/applied-wait.js';
import { isClean, judgedLatency, type RunContext, type RunResult, runPlan } from '../measure/load-run.js';
import type { RateRange } from '../options/option-values.js';
import type { TradePlan } from '../plan/trade-plan.js';
import { type FoundRates, searchRate } from './rate-search.js';

/** One rate that was tried. */
export interface RampStep {
  readonly ratePerSecond: number;
  readonly holds: boolean;
  readonly result: RunResult;
}

/** A search and all its steps, in their order. */
export interface RampResult extends FoundRates {
  readonly boundSeconds: number;
  readonly steps: readonly RampStep[];
}

/** The parameters of a search. */
export interface RampOptions {
  readonly range: RateRange;
  readonly boundSeconds: number;
  readonly planFor: (ratePerSecond: number) => TradePlan;
  readonly onStep: (step: RampStep) => void;
}

const JUDGED_QUANTILE = 0.99;
/** Delay at which a step has certainly failed: the search goes on instead of waiting for a huge backlog. */
const GIVE_UP_BOUNDS = 10;
const GIVE_UP_MIN_SECONDS = 1;

/**
 * Searches the highest rate that is applied without a fault while p99 stays under the bound. A rate that fails is
 * tried once more.
 */
export async function runRamp(
  { range, boundSeconds, planFor, onStep }: RampOptions,
  context: RunContext,
): Promise<RampResult> {
  const steps: RampStep[] = [];
  const giveUpSeconds = Math.max(GIVE_UP_MIN_SECONDS, GIVE_UP_BOUNDS * boundSeconds);
  const attempt = async (ratePerSecond: number): Promise<boolean> => {
    const result = await runPlan(planFor(ratePerSecond), { ...context, giveUpSeconds });
    const holds = isClean(result) && judgedLatency(result).atQuantile(JUDGED_QUANTILE) <= boundSeconds;
    const step = { ratePerSecond, holds, result };
    steps.push(step);
    onStep(step);
    if (!holds) await waitForQuiet(context.sidecarUrl);
    return holds;
  };
  // Other work on the machine may cause one failure, which would end the search: only the second in a row counts.
  const found = await searchRate(range, async (rate) => (await attempt(rate)) || attempt(rate));
  return { ...found, boundSeconds, steps };
}
