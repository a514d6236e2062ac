import type { LatencyTable } from './latency.recorder.js';

/** The outcome of one run, as printed and as written to `--json`. */
export interface LoadReport {
  readonly via: 'http' | 'zmq';
  readonly targetRatePerSecond: number;
  /** From the first due time to the last answer, or to the last event handed to the socket. */
  readonly elapsedSeconds: number;
  readonly scheduled: number;
  readonly accepted: number;
  /** By which the sidecar's `trades_total` grew. */
  readonly applied: number;
  /** By which the sidecar's `trading_events_rejected_total` grew. */
  readonly rejected: number;
  readonly errors: Readonly<Record<string, number>>;
  /** From due time to answer; HTTP only. */
  readonly answerLatency: LatencyTable | undefined;
  /** From the event's `ts` to its reception, from the sidecar's own histogram. With `--via zmq`, `ts` is the due time. */
  readonly receiveLatency: LatencyTable;
}

/** True when every scheduled event was accepted, and exactly those were applied. */
export function isClean(report: LoadReport): boolean {
  return report.accepted === report.scheduled && report.applied === report.accepted && report.rejected === 0;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(2)} ms`;
}

function latencyRows(title: string, table: LatencyTable): string[] {
  const cells = [...table].map(
    ([percent, seconds]) =>
      `  ${(percent === 100 ? 'max' : `p${percent}`).padEnd(8)}${milliseconds(seconds).padStart(14)}`,
  );
  return ['', title, ...cells];
}

/** The report for people. */
export function formatReport(report: LoadReport): string {
  const errors = Object.entries(report.errors).map(([kind, count]) => `${kind}: ${count}`);
  const rate = Math.round(report.accepted / report.elapsedSeconds);
  return [
    `via ${report.via}: ${report.accepted} of ${report.scheduled} events accepted in ${report.elapsedSeconds.toFixed(2)} s (${rate}/s, asked ${report.targetRatePerSecond}/s)`,
    `applied by the sidecar: ${report.applied}; rejected: ${report.rejected}`,
    `errors: ${errors.length === 0 ? 'none' : errors.join(', ')}`,
    ...(report.answerLatency
      ? latencyRows('answer latency, counted from the scheduled time', report.answerLatency)
      : []),
    ...latencyRows(
      "receive latency, from the sidecar's histogram (as fine as its buckets)",
      report.receiveLatency,
    ),
  ].join('\n');
}

function mapAsObject(_key: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** The report for programs: latencies as `{"50": seconds, …}`. */
export function reportJson(report: LoadReport): string {
  return `${JSON.stringify(report, mapAsObject, 2)}\n`;
}
