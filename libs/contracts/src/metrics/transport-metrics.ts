import type { MetricDefinition } from './metric-definition.js';

/** What both apps say about their side of the link, from the transport's own statistics. */
export const transportMetrics = {
  transportQueueDepth: {
    name: 'trading_transport_queue_depth',
    help: 'Events waiting inside the transport of this process.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportQueueBytes: {
    name: 'trading_transport_queue_bytes',
    help: 'Bytes of the events waiting inside the transport of this process.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportSent: {
    name: 'trading_transport_sent_total',
    help: 'Events handed to ZeroMQ; over NATS, events that the broker has stored.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportReceived: {
    name: 'trading_transport_received_total',
    help: 'Events taken from ZeroMQ before any check, and messages in which no event could be read.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportBatches: {
    name: 'trading_transport_batches_total',
    help: 'ZeroMQ messages, each with one event or more, by direction (in, out).',
    labelNames: ['direction'],
  } satisfies MetricDefinition<'direction'>,
  transportBytes: {
    name: 'trading_transport_bytes_total',
    help: 'Payload bytes of ZeroMQ messages, by direction (in, out).',
    labelNames: ['direction'],
  } satisfies MetricDefinition<'direction'>,
  transportReconnects: {
    name: 'trading_transport_reconnects_total',
    help: 'Times a lost peer connected again.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportDisconnects: {
    name: 'trading_transport_disconnects_total',
    help: 'Lost connections to peers.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportRefusedPeers: {
    name: 'trading_transport_refused_peers_total',
    help: 'Connections denied because of keys: a client that is not allowed, a key that does not match, or CURVE on one side only.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportPeers: {
    name: 'trading_transport_peers',
    help: 'Peers that are connected now.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportRoundTrip: {
    name: 'trading_transport_round_trip_seconds',
    help: 'Publisher, DEALER/ROUTER or NATS: a round trip to a sidecar or the broker, measured at the scrape; NaN without an answer.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportPendingRequests: {
    name: 'trading_transport_pending_requests',
    help: 'Requests that wait for their final answer (publisher) or whose answer is being made (sidecar).',
    labelNames: [],
  } satisfies MetricDefinition,
  transportHandlerFailures: {
    name: 'trading_transport_handler_failures_total',
    help: 'Events and requests whose handler failed.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportMissed: {
    name: 'trading_transport_missed_total',
    help: 'PUB/SUB only: published events that never reached this sidecar.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportDroppedReplies: {
    name: 'trading_transport_dropped_replies_total',
    help: 'Answers dropped because their caller is gone or reads too slowly.',
    labelNames: [],
  } satisfies MetricDefinition,
  transportDrops: {
    name: 'trading_transport_drops_total',
    help: 'Publisher: events dropped, by reason. Sidecar: what the transport itself rejected, by reason.',
    labelNames: ['reason'],
  } satisfies MetricDefinition<'reason'>,
  transportLinkUp: {
    name: 'trading_transport_link_up',
    help: 'Publisher: 1 while a sidecar or the broker is connected. Sidecar: 1 while the receive loop runs. Otherwise 0.',
    labelNames: [],
  } satisfies MetricDefinition,
};
