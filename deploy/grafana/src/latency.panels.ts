import { METRICS } from '../../../libs/contracts/src/index.js';
import { PER_SECOND } from './known.load.js';
import type { PanelDefinition } from './panel.definition.js';
import { quantileOf, sumOfRates } from './promql.text.js';

const latency = METRICS.receiveLatency.name;
// Loopback takes well under a millisecond; the rest is room for a machine that has other things to do.
const USUALLY = [0.00001, 0.1] as const;
const SLOWEST = [0.00001, 1] as const;

/** From the trade's own time to its receipt, and where the time goes. */
export const latencyPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Receive latency',
    description:
      'From the time in a trade to its receipt by a sidecar. Half of the trades were faster than "half", 99 of 100 faster than "99 of 100". Above 100 ms there is an alert. All sidecars together, over the last few seconds.',
    unit: 's',
    width: 12,
    queries: [
      { expr: quantileOf(0.5, latency), legend: 'half', expected: USUALLY },
      { expr: quantileOf(0.99, latency), legend: '99 of 100', expected: SLOWEST },
    ],
  },
  {
    kind: 'graph',
    title: 'Slowest of 100 trades, by stage',
    description:
      'Where the time goes; 99 of 100 trades were faster. "accepted_to_sent": waiting in the publisher. "sent_to_received": under way, of trades whose sender says when it sent them (SENT_TIME=true on the publisher). "received_to_applied": the sidecar at work.',
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
    title: 'Receive latency, all trades',
    description:
      'How many trades a second took how long: the darker a field, the more. A second dark band is a second kind of trade, such as one that had to wait.',
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
    title: 'Receive latency, exact quantiles',
    description:
      'The same as each sidecar measures it itself over one to two minutes, to three digits. "0.999" means that 999 of 1,000 trades were faster. Quantiles of several sidecars cannot be added up, so each has its own curves.',
    unit: 's',
    width: 12,
    queries: [
      {
        expr: METRICS.receiveLatencyQuantile.name,
        legend: '{{instance}}, {{quantile}}',
        expected: [0.00001, 2],
      },
    ],
  },
];
