import { judgedLatency } from '../measure/load-run.js';
import type { RampResult, RampStep } from '../ramp/ramp-run.js';
import { errorText, milliseconds } from './latency-text.js';
import { type LoadReport, reportOn } from './load-report.js';

/** A search, as written to `--json`. */
export interface RampReport {
  readonly p99BoundSeconds: number;
  /** The answer: the highest rate that held; undefined when none did. */
  readonly highestRatePerSecond: number | undefined;
  /** The lowest rate that did not hold; undefined when all did. */
  readonly lowestFailedRatePerSecond: number | undefined;
  readonly steps: readonly (LoadReport & { readonly holds: boolean })[];
}

/** The report on a search. */
export function reportOnRamp(via: 'http' | 'zmq', ramp: RampResult): RampReport {
  return {
    p99BoundSeconds: ramp.boundSeconds,
    highestRatePerSecond: ramp.held,
    lowestFailedRatePerSecond: ramp.failed,
    steps: ramp.steps.map(({ holds, result }) => ({ holds, ...reportOn(via, result) })),
  };
}

/** One step, in one line. */
export function formatStep({ ratePerSecond, holds, result }: RampStep): string {
  const p99 = milliseconds(judgedLatency(result).atQuantile(0.99));
  const { isComplete, scheduled, accepted, applied, errors } = result;
  const faults = [
    ...(isComplete ? [] : ['given up: the backlog grew']),
    ...(Object.keys(errors).length > 0 ? [`errors: ${errorText(errors)}`] : []),
    ...(accepted === scheduled ? [] : [`accepted ${accepted} of ${scheduled}`]),
    ...(applied === accepted ? [] : [`applied ${applied} of ${accepted}`]),
  ];
  const verdict = holds ? 'holds' : ['does not hold', ...faults].join('; ');
  const lag = milliseconds(result.lag.atQuantile(0.99));
  return `${String(ratePerSecond).padStart(9)}/s  p99 ${p99.padStart(12)}  sent late p99 ${lag.padStart(12)}  ${verdict}`;
}

/** The answer, in one line. */
export function formatAnswer({ held, failed, boundSeconds }: RampResult): string {
  const bound = milliseconds(boundSeconds);
  if (held === undefined)
    return `p99 is not under ${bound} at any rate of the range, not even at ${failed}/s`;
  const next =
    failed === undefined ? 'the highest rate asked for' : `${failed}/s was the lowest that did not hold`;
  return `the highest rate at which p99 stays under ${bound}: ${held}/s (${next})`;
}
