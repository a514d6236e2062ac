import type { MetricDefinition } from './metric-definition.js';

/** What an app says about its HTTP side: its server-sent event feed, and the requests that it refused. */
export const feedMetrics = {
  feedClients: {
    name: 'trading_feed_clients',
    help: 'Clients that listen to the server-sent event feed now.',
    labelNames: [],
  } satisfies MetricDefinition,
  feedDroppedClients: {
    name: 'trading_feed_dropped_clients_total',
    help: 'Feed clients that were cut off because they read too slowly.',
    labelNames: [],
  } satisfies MetricDefinition,
  httpRefused: {
    name: 'trading_http_refused_total',
    help: 'HTTP requests refused before they reached a handler, by reason.',
    labelNames: ['reason'],
  } satisfies MetricDefinition<'reason'>,
};
