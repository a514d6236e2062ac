import { METRICS } from '../../../libs/contracts/src/index.js';
import { PER_SECOND } from './known-load.js';
import type { PanelDefinition } from './panel-definition.js';
import { quantileOf, sumOfRates } from './promql-text.js';

const latency = METRICS.receiveLatency.name;
// Loopback takes well under a millisecond; the rest is room for a machine that has other things to do.
const USUALLY = [0.00001, 0.1] as const;
const SLOWEST = [0.00001, 1] as const;
/** The percentiles that sidecars compute, and how the metric labels them. */
const LATENCY_PERCENTILES = [
  ['p50', '0.5'],
  ['p90', '0.9'],
  ['p99', '0.99'],
  ['p99.9', '0.999'],
] as const;

/** From a trade's ts to its receipt, and the stages of that time. */
export const latencyPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Receive latency',
    description:
      'Time from the ts of a trade to its receipt, over the last few seconds, all sidecars together; estimated from histogram buckets. An alert fires when p99 stays above 100 ms.',
    unit: 's',
    width: 12,
    queries: [
      { expr: quantileOf(0.5, latency), legend: 'p50', expected: USUALLY },
      { expr: quantileOf(0.99, latency), legend: 'p99', expected: SLOWEST },
    ],
  },
  {
    kind: 'graph',
    title: 'Latency by stage, p99',
    description:
      'accepted_to_sent: the trade waits in the publisher. sent_to_received: it travels; only for trades that carry the time they were sent (SENT_TIME=true on the publisher). received_to_applied: the sidecar works on it.',
    unit: 's',
    width: 12,
    queries: [
      {
        expr: quantileOf(0.99, METRICS.stageLatency.name, ['stage']),
        legend: '{{stage}}',
        expected: { accepted_to_sent: SLOWEST, sent_to_received: SLOWEST, received_to_applied: SLOWEST },
      },
    ],
  },
  {
    kind: 'heatmap',
    title: 'Receive latency, heatmap',
    description:
      'Trades per second by receive latency; the darker a cell, the more trades. A second dark band is a second kind of trade, such as trades that had to wait.',
    unit: 's',
    width: 12,
    queries: [
      {
        expr: sumOfRates(`${latency}_bucket`, ['le']),
        legend: '{{le}}',
        expected: [0, PER_SECOND.trades * 1.25],
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Receive latency by sidecar, exact',
    description:
      'Percentiles that each sidecar computes itself over the last 1 to 2 minutes, exact to three digits. Percentiles of several sidecars cannot be combined, so each sidecar has its own curves.',
    unit: 's',
    width: 12,
    queries: LATENCY_PERCENTILES.map(([percentile, quantile]) => ({
      expr: `${METRICS.receiveLatencyQuantile.name}{quantile="${quantile}"}`,
      legend: `{{instance}}, ${percentile}`,
      expected: [0.00001, 2],
    })),
  },
];
