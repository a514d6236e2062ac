import type { MetricDefinition } from './metric-definition.js';

/** What an app says about the telemetry that it sends by OTLP. There are none unless OpenTelemetry is on. */
export const telemetryMetrics = {
  telemetrySent: {
    name: 'trading_telemetry_sent_total',
    help: 'Spans and metric data points that the OTLP receiver took, by signal; only with OpenTelemetry.',
    labelNames: ['signal'],
  } satisfies MetricDefinition<'signal'>,
  telemetryDropped: {
    name: 'trading_telemetry_dropped_total',
    help: 'Spans and metric data points that were dropped, by signal and reason: no room in the queue, not taken or rejected by the OTLP receiver; only with OpenTelemetry.',
    labelNames: ['signal', 'reason'],
  } satisfies MetricDefinition<'signal' | 'reason'>,
};
