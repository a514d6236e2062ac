import { writeFileSync } from 'node:fs';
import { waitForApplied } from './applied.wait.js';
import { constantSchedule } from './arrival.schedule.js';
import { bucketDelta, bucketQuantile } from './bucket.quantile.js';
import { HttpSender } from './http.sender.js';
import { LATENCY_PERCENTILES } from './latency.recorder.js';
import { LOAD_USAGE, type LoadOptions, LoadUsageError, parseLoadOptions } from './load.options.js';
import { formatReport, isClean, type LoadReport, reportJson } from './load.report.js';
import { type Buckets, readSnapshot } from './metrics.reader.js';
import { pace } from './pacer.js';
import { ProgressLine } from './progress.line.js';
import { ZmqSender } from './zmq.sender.js';

const USAGE_EXIT_CODE = 64;

function quantiles(buckets: Buckets): ReadonlyMap<number, number> {
  return new Map(LATENCY_PERCENTILES.map((percent) => [percent, bucketQuantile(buckets, percent / 100)]));
}

async function measure(options: LoadOptions): Promise<LoadReport> {
  const before = await readSnapshot(options.sidecarUrl);
  const sender =
    options.via === 'http' ? new HttpSender(options.publisherUrl) : new ZmqSender(options.zmqAddress);
  const schedule = constantSchedule(options.ratePerSecond, options.durationSeconds);
  const progress = new ProgressLine(process.stderr);
  const startMs = performance.now();
  await pace(
    schedule,
    (index, due) => sender.send(index, due),
    (now) => progress.show(now),
  );
  const sent = await sender.finish();
  const elapsedSeconds = (performance.now() - startMs) / 1000;
  progress.clear();
  const after = await waitForApplied(options.sidecarUrl, before, sent.accepted);
  return {
    via: options.via,
    targetRatePerSecond: options.ratePerSecond,
    elapsedSeconds,
    scheduled: schedule.count,
    accepted: sent.accepted,
    applied: after.trades - before.trades,
    rejected: after.rejected - before.rejected,
    errors: sent.errors,
    answerLatency: sent.answerLatency?.table(),
    receiveLatency: quantiles(bucketDelta(before.latencyBuckets, after.latencyBuckets)),
  };
}

/**
 * `npm run load`: one run and its report.
 * @returns the exit code: 0 when every event was accepted and applied, 1 when not, 64 for a wrong command line
 */
export async function runLoad(args: readonly string[]): Promise<number> {
  try {
    const options = parseLoadOptions(args);
    const report = await measure(options);
    console.log(formatReport(report));
    if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, reportJson(report));
    return isClean(report) ? 0 : 1;
  } catch (error) {
    if (error instanceof LoadUsageError) {
      console.error(`${error.message}\n${LOAD_USAGE}`);
      return USAGE_EXIT_CODE;
    }
    const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
    console.error(`load: ${error instanceof Error ? error.message : String(error)}${cause}`);
    return 1;
  }
}
