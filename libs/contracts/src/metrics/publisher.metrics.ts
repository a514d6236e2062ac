import type { MetricDefinition } from './metric.definition.js';

/** What the publisher counts at its HTTP door. */
export const publisherMetrics = {
  publisherAccepted: {
    name: 'trading_publisher_accepted_total',
    help: 'Trades accepted for emission, by side.',
    labelNames: ['side'],
  } satisfies MetricDefinition<'side'>,
  publisherRefused: {
    name: 'trading_publisher_refused_total',
    help: 'Trades refused at the door, by reason.',
    labelNames: ['reason'],
  } satisfies MetricDefinition<'reason'>,
  idempotentPosts: {
    name: 'trading_publisher_idempotent_posts_total',
    help: 'Posts with an Idempotency-Key: first, replayed, refused; and answers evicted before their ten minutes.',
    labelNames: ['outcome'],
  } satisfies MetricDefinition<'outcome'>,
};
