import { diag, DiagLogLevel, TraceFlags } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { ThrottledLog } from '../service/throttled-log.js';
import type { Signal, TelemetryCounts, TelemetryDrop } from './telemetry.js';

const MAX_TEXT = 200;
const NOTHING_DROPPED: Readonly<Record<TelemetryDrop, number>> = { queue_full: 0, not_taken: 0, rejected: 0 };

/** Counts what leaves and what is dropped, and logs it once when it begins and once when it is over. */
export class ExportTally implements TelemetryCounts {
  readonly sent: Record<Signal, number> = { spans: 0, metrics: 0 };
  readonly dropped: Record<Signal, Record<TelemetryDrop, number>> = {
    spans: { ...NOTHING_DROPPED },
    metrics: { ...NOTHING_DROPPED },
  };
  private readonly rejections: Record<Signal, number> = { spans: 0, metrics: 0 };
  private isAway = false;

  /** @param receiver its address, without credentials */
  constructor(
    private readonly receiver: string,
    private readonly log: ThrottledLog,
  ) {}

  drop(signal: Signal, reason: TelemetryDrop, items: number): void {
    this.dropped[signal][reason] += items;
  }

  /** An export of `items` has ended. */
  ended(signal: Signal, items: number, { code, error }: ExportResult): void {
    if (code === ExportResultCode.SUCCESS) {
      // What the receiver says is a stranger's number.
      const rejected = Math.min(items, this.rejections[signal]);
      this.rejections[signal] = 0;
      this.drop(signal, 'rejected', rejected);
      this.sent[signal] += items - rejected;
      if (this.isAway) this.log.warn(`the OTLP receiver at ${this.receiver} takes telemetry again`);
      this.isAway = false;
      return;
    }
    this.drop(signal, 'not_taken', items);
    if (this.isAway) return;
    this.isAway = true;
    this.log.warn(
      `the OTLP receiver at ${this.receiver} takes no telemetry (${reasonOf(error)}): it is dropped, and counted in ` +
        'trading_telemetry_dropped_total, until the receiver takes it again',
    );
  }

  /** From now on nothing is logged: the service stops, and says itself what it could not send. */
  end(): void {
    this.isAway = true;
  }

  /** The receiver takes an export that is about to end, except for these items. */
  rejects(signal: Signal, items: number, why: string): void {
    this.rejections[signal] = items;
    this.log.warn(
      `the OTLP receiver at ${this.receiver} rejects ${items} ${signal}: ${why.slice(0, MAX_TEXT)}`,
    );
  }
}

function reasonOf(error: Error | undefined): string {
  if (error === undefined) return 'no reason given';
  const { code } = error as { code?: unknown };
  return [code, error.message].filter((part) => part !== undefined && part !== '').join(' ');
}

/** What an exporter logs about an answer that takes a part of an export: it has no other way to say so. */
const PARTIAL = 'Received Partial Success response:';

function ignore(): void {}

/** Counts what receivers reject. Everything else that OpenTelemetry logs is counted already. */
export function followRejections(tally: ExportTally): void {
  const warn = (message: string, ...rest: unknown[]): void => {
    if (message !== PARTIAL) return;
    const { rejectedSpans = 0, rejectedDataPoints = 0, errorMessage = '' } = partialOf(rest[0]);
    if (rejectedSpans > 0) tally.rejects('spans', rejectedSpans, errorMessage);
    if (rejectedDataPoints > 0) tally.rejects('metrics', rejectedDataPoints, errorMessage);
  };
  diag.setLogger(
    { warn, error: ignore, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}

interface PartialSuccess {
  readonly rejectedSpans?: number;
  readonly rejectedDataPoints?: number;
  readonly errorMessage?: string;
}

function partialOf(json: unknown): PartialSuccess {
  return typeof json === 'string' ? (JSON.parse(json) as PartialSuccess) : {};
}

/** How spans wait. */
export interface SpanQueueOptions {
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
}

/** The queue of OpenTelemetry, in front of which spans without room are counted: it would only drop them. */
export class SpanQueue implements SpanProcessor {
  private readonly queue: BatchSpanProcessor;
  private waiting = 0;
  private leaving = 0;

  constructor(
    exporter: SpanExporter,
    private readonly tally: ExportTally,
    private readonly options: SpanQueueOptions,
  ) {
    this.queue = new BatchSpanProcessor({
      ...options,
      exporter: {
        export: (spans, done) => {
          this.waiting -= spans.length;
          this.leaving += spans.length;
          exporter.export(spans, (result) => {
            this.leaving -= spans.length;
            tally.ended('spans', spans.length, result);
            done(result);
          });
        },
        shutdown: () => exporter.shutdown(),
      },
    });
  }

  /** Spans whose outcome is not known. */
  get unsent(): number {
    return this.waiting + this.leaving;
  }

  onStart(): void {
    // Only ended spans wait.
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    if (this.waiting >= this.options.maxQueueSize) {
      this.tally.drop('spans', 'queue_full', 1);
      return;
    }
    this.waiting += 1;
    this.queue.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.queue.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.queue.shutdown();
  }
}

/** Counts the data points that an exporter takes. */
export function countExports<E extends PushMetricExporter>(exporter: E, tally: ExportTally): E {
  const send = exporter.export.bind(exporter);
  return Object.assign(exporter, {
    export: (metrics: ResourceMetrics, done: (result: ExportResult) => void): void => {
      send(metrics, (result) => {
        tally.ended('metrics', pointsOf(metrics), result);
        done(result);
      });
    },
  });
}

function pointsOf({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics
    .flatMap(({ metrics }) => metrics)
    .reduce((points, { dataPoints }) => points + dataPoints.length, 0);
}
