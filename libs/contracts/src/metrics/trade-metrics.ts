import {
  type HistogramDefinition,
  LATENCY_BUCKETS_SECONDS,
  type MetricDefinition,
} from './metric-definition.js';

const INTERARRIVAL_BUCKETS_SECONDS = [
  0.00001, 0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60, 300,
];

/** What the sidecar derives from trades. The first three names are fixed by the product's promise. */
export const tradeMetrics = {
  tradesTotal: {
    name: 'trades_total',
    help: 'Trades applied, by side.',
    labelNames: ['side'],
  } satisfies MetricDefinition<'side'>,
  volumeTotal: {
    name: 'volume_total',
    help: 'Sum of the quantities of the trades applied, by side.',
    labelNames: ['side'],
  } satisfies MetricDefinition<'side'>,
  lastTradeTimestamp: {
    name: 'last_trade_ts_seconds',
    help: 'The ts of the trade applied last, in unix epoch seconds; 0 before the first.',
    labelNames: [],
  } satisfies MetricDefinition,
  receiveLatency: {
    name: 'trading_receive_latency_seconds',
    help: 'Seconds from the ts of a trade to its receipt. Trades from the future are in trading_clock_skew_total instead.',
    labelNames: [],
    buckets: LATENCY_BUCKETS_SECONDS,
  } satisfies HistogramDefinition,
  clockSkew: {
    name: 'trading_clock_skew_total',
    help: 'Applied trades whose ts is later than their receipt: the two clocks disagree.',
    labelNames: [],
  } satisfies MetricDefinition,
  interarrival: {
    name: 'trading_interarrival_seconds',
    help: 'Seconds between the receipts of consecutive trades.',
    labelNames: [],
    buckets: INTERARRIVAL_BUCKETS_SECONDS,
  } satisfies HistogramDefinition,
  eventsRejected: {
    name: 'trading_events_rejected_total',
    help: 'Events rejected, by reason; a message in which no event can be read counts as one.',
    labelNames: ['reason'],
  } satisfies MetricDefinition<'reason'>,
  deadLetters: {
    name: 'trading_dead_letters',
    help: 'Rejected inputs kept in memory for inspection.',
    labelNames: [],
  } satisfies MetricDefinition,
  deadLettersUnwritten: {
    name: 'trading_dead_letters_unwritten_total',
    help: 'Rejected inputs that could not be appended to the dead letter file.',
    labelNames: [],
  } satisfies MetricDefinition,
  deadLettersReplayed: {
    name: 'trading_dead_letters_replayed_total',
    help: 'Dead letters that were sent again and applied.',
    labelNames: [],
  } satisfies MetricDefinition,
};
