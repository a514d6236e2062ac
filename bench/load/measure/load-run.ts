import type { TradePlan } from '../plan/trade-plan.js';
import type { LoadSender } from '../send/load-sender.js';
import { pace, type Progress } from '../send/pacer.js';
import { waitForApplied } from './applied-wait.js';
import { BucketDistribution, histogramDelta } from './bucket-distribution.js';
import type { LatencyDistribution } from './latency-distribution.js';
import { LatencyRecorder } from './latency-recorder.js';
import { readSnapshot } from './metrics-reader.js';

/** The result of one run. */
export interface RunResult {
  readonly plan: TradePlan;
  readonly scheduled: number;
  /** False when the run was given up before its last event was due. */
  readonly isComplete: boolean;
  /** From the first due time to the last answer, or to the last event handed to the socket. */
  readonly elapsedSeconds: number;
  readonly accepted: number;
  /** How much the sidecar's `trades_total` grew. */
  readonly applied: number;
  /** How much the sidecar's `trading_events_rejected_total` grew. */
  readonly rejected: number;
  readonly errors: Readonly<Record<string, number>>;
  /** The other side's words for each kind of error. */
  readonly explanations: Readonly<Record<string, string>>;
  /** From due time to sending: the generator's own share. */
  readonly lag: LatencyDistribution;
  /** From due time to answer; undefined where there are no answers. */
  readonly answer: LatencyDistribution | undefined;
  /** From the event's `ts` to its reception, as the sidecar saw it. */
  readonly receive: LatencyDistribution;
}

/** Where a run is sent, and how to watch it. */
export interface RunContext {
  readonly sender: LoadSender;
  readonly sidecarUrl: string;
  readonly onProgress: (progress: Progress) => void;
  /** Seconds of delay, in the generator or in front of the receiver, at which a run is given up; undefined: never. */
  readonly giveUpSeconds?: number;
}

/** True when every scheduled event was sent and accepted, and exactly those were applied. */
export function isClean(result: RunResult): boolean {
  const { scheduled, isComplete, accepted, applied, rejected } = result;
  return isComplete && accepted === scheduled && applied === accepted && rejected === 0;
}

/** The latency that a load is judged by: of the answers or, without answers, of the reception. */
export function judgedLatency({ answer, receive }: RunResult): LatencyDistribution {
  return answer ?? receive;
}

/** Sends a plan, and waits until all that was accepted is applied. */
export async function runPlan(plan: TradePlan, context: RunContext): Promise<RunResult> {
  const { sender, sidecarUrl, onProgress, giveUpSeconds = Number.POSITIVE_INFINITY } = context;
  const before = await readSnapshot(sidecarUrl);
  const lag = new LatencyRecorder();
  let lagSeconds = 0;
  const startMs = performance.now();
  const paced = await pace(plan, {
    send: (trade, due) => sender.send(trade, due),
    onLag: (seconds) => lag.record((lagSeconds = seconds)),
    onTick: (progress) => {
      onProgress(progress);
      if (sender.isHopeless) return true;
      return lagSeconds > giveUpSeconds || sender.underWay > plan.ratePerSecond * giveUpSeconds;
    },
  });
  const sent = await sender.settle();
  const elapsedSeconds = (performance.now() - startMs) / 1000;
  const after = await waitForApplied(sidecarUrl, before, sent.accepted);
  return {
    plan,
    scheduled: paced.sent,
    isComplete: paced.isComplete,
    elapsedSeconds,
    accepted: sent.accepted,
    applied: after.trades - before.trades,
    rejected: after.rejected - before.rejected,
    errors: sent.errors,
    explanations: sent.explanations,
    lag,
    answer: sent.answerLatency,
    receive: new BucketDistribution(histogramDelta(before.receiveLatency, after.receiveLatency)),
  };
}
