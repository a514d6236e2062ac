import { type FactoryProvider, Logger, type Type } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { NatsSettings } from '../config/nats-settings.js';
import { unknownOtelNames } from '../config/otel-settings.js';
import { pulled, type PulledDefinition } from '../exposition/pulled.metric.js';
import type { BatchTraces } from './batch-traces.js';
import type { PostTraces } from './post-traces.js';

/** What leaves by OTLP. */
export type Signal = 'spans' | 'metrics';

/**
 * Why telemetry did not get to the receiver.
 * - `queue_full`: more spans than OTEL_BSP_MAX_QUEUE_SIZE waited
 * - `not_taken`: the receiver was away, too slow, or answered with an error
 * - `rejected`: the receiver took the export, and said that it did not take all of it
 */
export type TelemetryDrop = 'queue_full' | 'not_taken' | 'rejected';

/** Spans and data points since the start. */
export interface TelemetryCounts {
  readonly sent: Readonly<Record<Signal, number>>;
  readonly dropped: Readonly<Record<Signal, Readonly<Record<TelemetryDrop, number>>>>;
}

/** OpenTelemetry of this process, where it is on. It ends with the application, and sends what waits. */
export interface Telemetry {
  /** Spans of posts, and of what they emit. Undefined where spans are not exported. */
  readonly posts: PostTraces | undefined;
  /** Spans of batches that are received. Undefined where spans are not exported. */
  readonly batches: BatchTraces | undefined;
  readonly counts: TelemetryCounts;
}

/** Injects the {@link Telemetry}; undefined where OpenTelemetry is off. */
export const TELEMETRY = Symbol('TELEMETRY');

/** What the spans of this process say about it. */
export interface TelemetryIdentity {
  /** The service, unless OTEL_SERVICE_NAME is set. */
  readonly service: string;
  /** The clock that events are stamped by, in Unix epoch seconds. */
  readonly clock: () => number;
}

/**
 * Provides {@link TELEMETRY}. OpenTelemetry's packages are loaded only where it is on: without OTEL_EXPORTER_OTLP_ENDPOINT nothing
 * is made, and nobody has to ask more than whether there is something.
 */
export function telemetryProvider(
  config: Type<NatsSettings>,
  identity: TelemetryIdentity,
): FactoryProvider<Telemetry | undefined> {
  return {
    provide: TELEMETRY,
    inject: [config],
    useFactory: (settings: NatsSettings) => openTelemetry(settings, identity),
  };
}

async function openTelemetry(
  settings: NatsSettings,
  identity: TelemetryIdentity,
): Promise<Telemetry | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED } = settings;
  if (endpoint === undefined || OTEL_SDK_DISABLED === 'true') return undefined;
  const unknown = unknownOtelNames(settings);
  if (unknown.length > 0) {
    new Logger('telemetry').warn(`these settings have no effect: ${unknown.join(', ')}`);
  }
  const { OtelTelemetry } = await import('./otel-telemetry.js');
  return new OtelTelemetry(settings, endpoint, identity);
}

/** Shows what OpenTelemetry itself counts, where it is on. */
export function showTelemetry(
  telemetry: Telemetry | undefined,
  sent: PulledDefinition<'signal'>,
  dropped: PulledDefinition<'signal' | 'reason'>,
): void {
  if (telemetry === undefined) return;
  const { counts } = telemetry;
  pulled(new Counter({ ...sent, labelNames: [...sent.labelNames] }), (counter) => {
    for (const [signal, items] of Object.entries(counts.sent)) counter.inc({ signal }, items);
  });
  pulled(new Counter({ ...dropped, labelNames: [...dropped.labelNames] }), (counter) => {
    for (const [signal, reasons] of Object.entries(counts.dropped)) {
      for (const [reason, items] of Object.entries(reasons)) counter.inc({ signal, reason }, items);
    }
  });
}
