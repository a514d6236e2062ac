import type { MetricDefinition } from './metric-definition.js';

/** What the publisher says about events that are not acknowledged: a broker acknowledges what it has stored. All 0 where nothing is acknowledged. */
const producerMetrics = {
  spoolEvents: {
    name: 'trading_spool_events',
    help: 'Events kept, in memory or on disk, until the sidecar or broker acknowledges them.',
    labelNames: [],
  } satisfies MetricDefinition,
  spoolBytes: {
    name: 'trading_spool_bytes',
    help: 'Bytes of the events kept until the sidecar or broker acknowledges them.',
    labelNames: [],
  } satisfies MetricDefinition,
  spoolOldest: {
    name: 'trading_spool_oldest_seconds',
    help: 'How long the oldest event that is not acknowledged has waited; 0 when there is none.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryCredit: {
    name: 'trading_delivery_credit',
    help: 'Events that may be on their way to the sidecar or broker at once; 0 while none is connected.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryAcknowledged: {
    name: 'trading_delivery_acknowledged_total',
    help: 'Events that the sidecar or broker has acknowledged.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryResent: {
    name: 'trading_delivery_resent_total',
    help: 'Events sent again after a lost connection or acknowledgement.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryFailed: {
    name: 'trading_delivery_failed_total',
    help: 'Events that the sidecar acknowledged as rejected or failed for good, or that no broker takes.',
    labelNames: [],
  } satisfies MetricDefinition,
};

/** What the sidecar says about acknowledged delivery; all 0 while no producer uses it. */
const consumerMetrics = {
  deliveryProducers: {
    name: 'trading_delivery_producers',
    help: 'Producers of acknowledged events that are connected now.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryQueued: {
    name: 'trading_delivery_queued_events',
    help: 'Acknowledged events received and not yet handled.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryDuplicates: {
    name: 'trading_delivery_duplicates_total',
    help: 'Events that came again and were ignored because they had been handled before.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryRetries: {
    name: 'trading_delivery_retries_total',
    help: 'Times the handler of an acknowledged event was called again after it failed.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryCommitFailures: {
    name: 'trading_delivery_commit_failures_total',
    help: 'Times the position of a producer could not be stored; nothing is acknowledged meanwhile.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryForgotten: {
    name: 'trading_delivery_forgotten_total',
    help: 'Acknowledged events that the kept state lacks, as after a restored backup.',
    labelNames: [],
  } satisfies MetricDefinition,
  deliveryStale: {
    name: 'trading_delivery_stale_total',
    help: 'Events of a session that had ended; their producer sends them again.',
    labelNames: [],
  } satisfies MetricDefinition,
};

/** Acknowledged delivery, as both apps show it. They are there in every mode, so that dashboards need not care. */
export const deliveryMetrics = { ...producerMetrics, ...consumerMetrics };
