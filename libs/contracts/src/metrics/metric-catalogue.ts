import { analyticsMetrics } from './analytics-metrics.js';
import { brokerMetrics } from './broker-metrics.js';
import { configuredMetrics } from './configured-metrics.js';
import { deliveryMetrics } from './delivery-metrics.js';
import { feedMetrics } from './feed-metrics.js';
import { flowMetrics } from './flow-metrics.js';
import { publisherMetrics } from './publisher-metrics.js';
import { stateMetrics } from './state-metrics.js';
import { telemetryMetrics } from './telemetry-metrics.js';
import { tradeMetrics } from './trade-metrics.js';
import { transportMetrics } from './transport-metrics.js';

/** Every metric of ours, by a short name. The `name`s are a contract with Prometheus: dashboards and rules use them. */
export const METRICS = {
  ...tradeMetrics,
  ...transportMetrics,
  ...publisherMetrics,
  ...deliveryMetrics,
  ...brokerMetrics,
  ...feedMetrics,
  ...stateMetrics,
  ...analyticsMetrics,
  ...flowMetrics,
  ...configuredMetrics,
  ...telemetryMetrics,
} as const;
