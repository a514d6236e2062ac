import { METRICS } from '../../../libs/contracts/src/index.js';
import { about, PER_SECOND, total, upTo } from './known-load.js';
import type { PanelDefinition } from './panel-definition.js';
import { countOf, sumOfRates } from './promql-text.js';

const newestTradeSeconds = `max(${METRICS.lastTradeTimestamp.name} > 0)`;
const YEAR_2026_MS = Date.UTC(2026, 0);
const YEAR_2100_MS = Date.UTC(2100, 0);

/** Totals, and the newest trade. */
export const totalPanels: readonly PanelDefinition[] = [
  {
    kind: 'number',
    title: 'Trades by side',
    description:
      'Trades applied since the sidecar started, or since its kept state began; all sidecars together.',
    unit: 'locale',
    width: 6,
    provenAt: 'rest',
    queries: [
      {
        expr: countOf(METRICS.tradesTotal.name, ['side']),
        legend: '{{side}}',
        expected: { buy: total(PER_SECOND.buys), sell: total(PER_SECOND.sells) },
      },
    ],
  },
  {
    kind: 'number',
    title: 'Volume by side',
    description:
      'Volume applied since the sidecar started, or since its kept state began; all sidecars together.',
    unit: 'locale',
    width: 6,
    provenAt: 'rest',
    queries: [
      {
        expr: countOf(METRICS.volumeTotal.name, ['side']),
        legend: '{{side}}',
        expected: { buy: total(PER_SECOND.buyVolume), sell: total(PER_SECOND.sellVolume) },
      },
    ],
  },
  {
    kind: 'number',
    title: 'Last trade',
    description: 'The ts of the newest trade, as its producer set it.',
    unit: 'dateTimeAsIso',
    width: 6,
    noValue: 'no trade yet',
    queries: [
      {
        // Grafana's date units count milliseconds.
        expr: `${newestTradeSeconds} * 1000`,
        legend: 'last trade',
        expected: [YEAR_2026_MS, YEAR_2100_MS],
      },
    ],
  },
  {
    kind: 'number',
    title: 'Age of the last trade',
    description: 'Time since the ts of the newest trade. A negative value means that two clocks disagree.',
    unit: 's',
    width: 6,
    noValue: 'no trade yet',
    // Up to a scrape interval, and the time that a trade is under way.
    queries: [{ expr: `time() - ${newestTradeSeconds}`, legend: 'age', expected: [0, 3] }],
  },
];

/** Rates: of the last seconds, and smoothed. */
export const ratePanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Trades per second',
    description: 'Trades applied per second, by side, over the last few seconds.',
    unit: 'suffix: trades/s',
    width: 8,
    queries: [
      {
        expr: sumOfRates(METRICS.tradesTotal.name, ['side']),
        legend: '{{side}}',
        expected: { buy: about(PER_SECOND.buys), sell: about(PER_SECOND.sells) },
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Volume per second',
    description: 'Quantity traded per second, by side, over the last few seconds.',
    unit: 'suffix: qty/s',
    width: 8,
    queries: [
      {
        expr: sumOfRates(METRICS.volumeTotal.name, ['side']),
        legend: '{{side}}',
        expected: { buy: about(PER_SECOND.buyVolume), sell: about(PER_SECOND.sellVolume) },
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Volume per second, smoothed',
    description:
      'Exponentially weighted moving average (EWMA) of the volume per second: recent trades weigh most.',
    unit: 'suffix: qty/s',
    width: 8,
    queries: [
      {
        expr: `side:${METRICS.volumeEwma.name}:sum{side!="all"}`,
        legend: '{{side}}',
        expected: { buy: upTo(PER_SECOND.buyVolume), sell: upTo(PER_SECOND.sellVolume) },
      },
    ],
  },
];
