import type { MetricDefinition } from './metric-definition.js';

/** What a sidecar behind a broker says about the partitions that it owns; nothing without NATS_URL. */
export const brokerMetrics = {
  brokerPending: {
    name: 'trading_broker_pending',
    help: 'Messages that the broker has stored and this sidecar has not counted yet, by partition.',
    labelNames: ['partition'],
  } satisfies MetricDefinition<'partition'>,
  brokerUnacknowledged: {
    name: 'trading_broker_unacknowledged',
    help: 'Messages that this sidecar has fetched and not acknowledged yet, by partition.',
    labelNames: ['partition'],
  } satisfies MetricDefinition<'partition'>,
  brokerLag: {
    name: 'trading_broker_lag_seconds',
    help: 'How long the oldest message that is not counted has been stored, by partition; 0 when there is none.',
    labelNames: ['partition'],
  } satisfies MetricDefinition<'partition'>,
};
