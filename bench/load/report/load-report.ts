import { latencyTable, type LatencyTable } from '../measure/latency-distribution.js';
import { isClean, type RunResult } from '../measure/load-run.js';
import { errorText, latencyRows, milliseconds } from './latency-text.js';

/** The outcome of one run, as printed and as written to `--json`. */
export interface LoadReport {
  readonly via: 'http' | 'zmq';
  /** True when everything scheduled was accepted, and exactly that was applied. */
  readonly isClean: boolean;
  /** What was sent, in words. */
  readonly load: string;
  readonly targetRatePerSecond: number;
  readonly elapsedSeconds: number;
  readonly scheduled: number;
  readonly accepted: number;
  readonly applied: number;
  readonly rejected: number;
  readonly errors: Readonly<Record<string, number>>;
  /** Why the run failed, a sentence each; empty when it is clean. */
  readonly failures: readonly string[];
  /** Time from due to sending: how late the generator itself was. */
  readonly sendLag: LatencyTable;
  /** From due time to answer; HTTP only. */
  readonly answerLatency: LatencyTable | undefined;
  /** From the event's `ts` to its reception, from the sidecar's own histogram. With `--via zmq`, `ts` is the due time. */
  readonly receiveLatency: LatencyTable;
}

/** The report on a run. */
export function reportOn(via: 'http' | 'zmq', result: RunResult): LoadReport {
  const { plan, elapsedSeconds, scheduled, accepted, applied, rejected, errors } = result;
  return {
    via,
    isClean: isClean(result),
    load: plan.description,
    targetRatePerSecond: plan.ratePerSecond,
    elapsedSeconds,
    scheduled,
    accepted,
    applied,
    rejected,
    errors,
    failures: failuresOf(result),
    sendLag: latencyTable(result.lag),
    answerLatency: result.answer && latencyTable(result.answer),
    receiveLatency: latencyTable(result.receive),
  };
}

/** Each reason for which a run is not clean, see `isClean`. */
function failuresOf(result: RunResult): string[] {
  const { scheduled, isComplete, accepted, applied, rejected, errors, explanations } = result;
  const kinds = Object.entries(errors).map(([kind, count]) => {
    const said = explanations[kind] ?? '';
    return `${count} × ${kind}${said === '' ? '' : ` (${said})`}`;
  });
  const failures = [];
  if (!isComplete) failures.push(`the run was given up after ${scheduled} events`);
  if (accepted < scheduled)
    failures.push(
      `${scheduled - accepted} of ${scheduled} events were not accepted: ${kinds.join(', ') || 'no answer said why'}`,
    );
  if (applied < accepted)
    failures.push(
      `${accepted - applied} of ${accepted} accepted events were not applied by the sidecar in time: they wait, or are lost (its /metrics and the publisher's say which)`,
    );
  if (applied > accepted)
    failures.push(
      `the sidecar applied ${applied - accepted} events more than this run sent: another program sends too, or some were counted twice`,
    );
  if (rejected > 0) failures.push(`the sidecar rejected ${rejected} events: its /dead-letters show them`);
  return failures;
}

/** The report for people. */
export function formatReport(report: LoadReport): string {
  const rate = Math.round(report.accepted / report.elapsedSeconds);
  const asked = Math.round(report.targetRatePerSecond);
  return [
    report.load,
    `via ${report.via}: ${report.accepted} of ${report.scheduled} events accepted in ${report.elapsedSeconds.toFixed(2)} s (${rate}/s, asked ${asked}/s)`,
    `applied by the sidecar: ${report.applied}; rejected: ${report.rejected}`,
    `errors: ${errorText(report.errors)}`,
    `sent late by the generator itself: p99 ${milliseconds(report.sendLag.get(99) ?? Number.NaN)}, at most ${milliseconds(report.sendLag.get(100) ?? Number.NaN)}`,
    ...(report.answerLatency
      ? latencyRows('answer latency, counted from the scheduled time', report.answerLatency)
      : []),
    ...latencyRows(
      `receive latency, counted from ${report.via === 'zmq' ? 'the scheduled time' : 'the event’s ts'}, from the sidecar's histogram (as fine as its buckets)`,
      report.receiveLatency,
    ),
    ...(report.failures.length > 0 ? ['', ...report.failures.map((failure) => `failed: ${failure}`)] : []),
  ].join('\n');
}

function mapAsObject(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** A report for programs: latencies as `{"50": seconds, …}`, null where nothing was measured. */
export function reportJson(report: object): string {
  return `${JSON.stringify(report, mapAsObject, 2)}\n`;
}
