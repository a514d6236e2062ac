import { isClean, judgedLatency, type RunContext, type RunResult, runPlan } from './measure/load-run.js';
import type { LoadOptions } from './options/load-options.js';
import type { RateRange } from './options/option-values.js';
import type { PlanMaker } from './plan-source.js';
import { runRamp } from './ramp/ramp-run.js';
import { errorText } from './report/latency-text.js';
import { formatReport, reportOn } from './report/load-report.js';
import { formatAnswer, formatStep, reportOnRamp } from './report/ramp-report.js';
import { writeResultFiles } from './report/result-files.js';

/** The warm-up failed: a measurement after it would not show what was asked for. */
export class WarmupError extends Error {
  readonly code = 'ERR_LOAD_WARMUP';
}

/** What a command works with; call `clearProgress` before every line that must stay. */
export interface CommandContext {
  readonly options: LoadOptions;
  readonly planFor: PlanMaker;
  readonly run: RunContext;
  readonly clearProgress: () => void;
}

function titles(via: 'http' | 'zmq', { plan }: RunResult): { title: string; subtitle: string } {
  const what = via === 'http' ? 'to the answer' : 'to the reception (as fine as the sidecar’s buckets)';
  return {
    title: `Latency from the scheduled time ${what}`,
    subtitle: `via ${via}, ${Math.round(plan.ratePerSecond)} events/s for ${plan.durationSeconds.toFixed(1)} s: ${plan.description}`,
  };
}

/** @throws {WarmupError} */
async function warmUp({ options, planFor, run }: CommandContext, ratePerSecond: number): Promise<void> {
  if (options.warmupSeconds === 0) return;
  const result = await runPlan(planFor(ratePerSecond, options.warmupSeconds), run);
  if (isClean(result)) return;
  const { scheduled, accepted, applied, errors } = result;
  throw new WarmupError(
    `the warm-up failed, nothing was measured: ${accepted} of ${scheduled} accepted, ${applied} applied, errors: ${errorText(errors)}`,
  );
}

/**
 * One run at one rate.
 * @returns the exit code: 0 when every event was accepted and applied
 */
export async function commandRun(context: CommandContext, ratePerSecond: number): Promise<number> {
  const { options, planFor, run, clearProgress } = context;
  await warmUp(context, ratePerSecond);
  const result = await runPlan(planFor(ratePerSecond), run);
  clearProgress();
  const report = reportOn(options.via, result);
  console.log(formatReport(report));
  writeResultFiles(options.files, report, judgedLatency(result), titles(options.via, result));
  return report.isClean ? 0 : 1;
}

/**
 * A search over rates, with a line for each step.
 * @returns the exit code: 0 when at least one rate held
 */
export async function commandRamp(context: CommandContext, range: RateRange): Promise<number> {
  const { options, planFor, run, clearProgress } = context;
  await warmUp(context, range.lowest);
  const ramp = await runRamp(
    {
      range,
      boundSeconds: options.p99BoundSeconds,
      planFor,
      onStep: (step) => {
        clearProgress();
        console.log(formatStep(step));
      },
    },
    run,
  );
  console.log(`\n${formatAnswer(ramp)}`);
  const best = ramp.steps.findLast(({ ratePerSecond }) => ratePerSecond === ramp.held)?.result;
  const report = reportOnRamp(options.via, ramp);
  const none = { title: '', subtitle: '' };
  writeResultFiles(
    options.files,
    report,
    best && judgedLatency(best),
    best ? titles(options.via, best) : none,
  );
  return ramp.held === undefined ? 1 : 0;
}
