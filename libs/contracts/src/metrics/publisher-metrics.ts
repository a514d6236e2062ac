import type { MetricDefinition } from './metric-definition.js';

/** What the publisher counts of what is posted to it. */
export const publisherMetrics = {
  publisherAccepted: {
    name: 'trading_publisher_accepted_total',
    help: 'Posted trades that the publisher accepted, by side.',
    labelNames: ['side'],
  } satisfies MetricDefinition<'side'>,
  publisherEvents: {
    name: 'trading_publisher_events_accepted_total',
    help: 'Posted events of the types of EVENT_TYPES that the publisher accepted, by type; absent without that.',
    labelNames: ['type'],
  } satisfies MetricDefinition<'type'>,
  publisherRefused: {
    name: 'trading_publisher_refused_total',
    help: 'Posted events that the publisher refused, by reason.',
    labelNames: ['reason'],
  } satisfies MetricDefinition<'reason'>,
  idempotentPosts: {
    name: 'trading_publisher_idempotent_posts_total',
    help: 'Posts with an Idempotency-Key: first, replayed, refused; and answers evicted before their ten minutes.',
    labelNames: ['outcome'],
  } satisfies MetricDefinition<'outcome'>,
};
