import { TRADE_PATTERN } from '../trade/trade-pattern.js';
import type { MetricDefinition } from './metric-definition.js';
import { tradeMetrics } from './trade-metrics.js';

/** What the sidecar says about the event types of SIDECAR_METRICS; absent without that. */
export const configuredMetrics = {
  configuredEvents: {
    name: 'trading_configured_events_total',
    help: 'Events of the types of SIDECAR_METRICS that this process has applied, by type.',
    labelNames: ['type'],
  } satisfies MetricDefinition<'type'>,
  configuredOverflow: {
    name: 'trading_configured_overflow_total',
    help: 'Label values beyond the bound of their label; their events count as other.',
    labelNames: [],
  } satisfies MetricDefinition,
  metricsFileValid: {
    name: 'trading_metrics_file_valid',
    help: 'Whether the file of SIDECAR_METRICS is in use; 0 while it has faults and its last good version stays in use.',
    labelNames: [],
  } satisfies MetricDefinition,
};

/** What the types and metrics of a file must not take, in the words of the library that reads it. */
export const RESERVED_NAMES = {
  types: [TRADE_PATTERN],
  names: [tradeMetrics.tradesTotal.name, tradeMetrics.volumeTotal.name, tradeMetrics.lastTradeTimestamp.name],
  prefixes: ['trading_', 'process_', 'nodejs_'],
  labels: ['partition'],
} as const;
