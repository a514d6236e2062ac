import { METRICS } from '../../../libs/contracts/src/index.js';
import { graphPanel, numberPanel, quantileOf, sumOfRates, type AnyPanelBuilder } from './panel.kit.js';

const newestTradeSeconds = `max(${METRICS.lastTradeTimestamp.name} > 0)`;

/** What was traded: totals, the newest trade, rates. */
export function tradePanels(): AnyPanelBuilder[] {
  return [
    numberPanel({
      title: 'Trades by side',
      description: 'Trades counted since the sidecar started, all sidecars together.',
      unit: 'short',
      width: 6,
      queries: [{ expr: `sum by (side) (${METRICS.tradesTotal.name})`, legend: '{{side}}' }],
    }),
    numberPanel({
      title: 'Volume by side',
      description: 'Sum of the quantities since the sidecar started, all sidecars together.',
      unit: 'short',
      width: 6,
      queries: [{ expr: `sum by (side) (${METRICS.volumeTotal.name})`, legend: '{{side}}' }],
    }),
    numberPanel({
      title: 'Last trade',
      description: 'The time that the newest trade carries, set by its producer.',
      unit: 'dateTimeAsIso',
      width: 6,
      noValue: 'no trade yet',
      // Grafana's date units count milliseconds.
      queries: [{ expr: `${newestTradeSeconds} * 1000`, legend: 'last trade' }],
    }),
    numberPanel({
      title: 'Age of the last trade',
      description: 'Time since the newest trade. Slightly negative values mean that two clocks disagree.',
      unit: 's',
      width: 6,
      noValue: 'no trade yet',
      queries: [{ expr: `time() - ${newestTradeSeconds}`, legend: 'age' }],
    }),
    graphPanel({
      title: 'Trades a second',
      description: 'Trades applied a second, by side.',
      unit: 'cps',
      width: 12,
      queries: [{ expr: sumOfRates(METRICS.tradesTotal.name, ['side']), legend: '{{side}}' }],
    }),
    graphPanel({
      title: 'Volume a second',
      description: 'Quantity traded a second, by side.',
      unit: 'short',
      width: 12,
      queries: [{ expr: sumOfRates(METRICS.volumeTotal.name, ['side']), legend: '{{side}}' }],
    }),
  ];
}

/** How well trades arrive: latency and refusals. */
export function arrivalPanels(): AnyPanelBuilder[] {
  const latency = METRICS.receiveLatency.name;
  return [
    graphPanel({
      title: 'Receive latency',
      description:
        'From the time in a trade to its receipt by the sidecar; half of the trades, and 99 in 100, were faster.',
      unit: 's',
      width: 12,
      queries: [
        { expr: quantileOf(0.5, latency), legend: 'p50' },
        { expr: quantileOf(0.99, latency), legend: 'p99' },
      ],
    }),
    graphPanel({
      title: 'Rejected by reason',
      description:
        'Inputs that were not applied, a second. The inputs themselves: /dead-letters on the sidecar.',
      unit: 'cps',
      width: 12,
      queries: [{ expr: sumOfRates(METRICS.eventsRejected.name, ['reason']), legend: '{{reason}}' }],
    }),
  ];
}
