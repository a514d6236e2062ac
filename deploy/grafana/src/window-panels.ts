import { METRICS } from '../../../libs/contracts/src/index.js';
import { gathered, PER_SECOND } from './known-load.js';
import type { PanelDefinition, ValueRange } from './panel-definition.js';
import { quantileOf } from './promql-text.js';

const WINDOW_LEGEND = '{{side}}, last {{window}}';
const BOTH_SIDES = '{side!="all"}';
const ONE_MINUTE = '{side!="all",window="1m"}';
/** Half a percent: the quantities are known, and only the last trades of a window are uncertain. */
const exactly = (value: number): ValueRange => [value * 0.995, value * 1.005];

// Both windows are longer than the known load, so they hold the same.
const inBothWindows = (buy: ValueRange, sell: ValueRange): Record<string, ValueRange> => ({
  'buy, last 1m': buy,
  'buy, last 5m': buy,
  'sell, last 1m': sell,
  'sell, last 5m': sell,
});

/** The rolling windows. The rules combine several sidecars (deploy/prometheus/rules). */
export const windowPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Trades in the window',
    description: 'Trades received in the last 1 and 5 minutes.',
    unit: 'suffix: trades',
    width: 12,
    queries: [
      {
        expr: `side_window:${METRICS.windowTrades.name}:sum${BOTH_SIDES}`,
        legend: WINDOW_LEGEND,
        expected: inBothWindows(gathered(PER_SECOND.buys), gathered(PER_SECOND.sells)),
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Volume in the window',
    description: 'Sum of the quantities received in the last 1 and 5 minutes.',
    unit: 'suffix: qty',
    width: 12,
    queries: [
      {
        expr: `side_window:${METRICS.windowVolume.name}:sum${BOTH_SIDES}`,
        legend: WINDOW_LEGEND,
        expected: inBothWindows(gathered(PER_SECOND.buyVolume), gathered(PER_SECOND.sellVolume)),
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Quantity of a trade, last 1 minute',
    description: 'Mean and standard deviation of the quantities of the last minute.',
    unit: 'suffix: qty',
    width: 12,
    queries: [
      {
        expr: `side_window:${METRICS.windowQtyMean.name}:pooled${ONE_MINUTE}`,
        legend: '{{side}}, mean',
        expected: { 'buy, mean': exactly(2), 'sell, mean': exactly(5) },
      },
      {
        expr: `side_window:${METRICS.windowQtyStddev.name}:pooled${ONE_MINUTE}`,
        legend: '{{side}}, std dev',
        expected: { 'buy, std dev': exactly(1), 'sell, std dev': exactly(3) },
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Largest trade in the window',
    description: 'Largest quantity of a single trade in the last 1 and 5 minutes.',
    unit: 'suffix: qty',
    width: 12,
    queries: [
      {
        expr: `side_window:${METRICS.windowQtyMax.name}:max${BOTH_SIDES}`,
        legend: WINDOW_LEGEND,
        expected: inBothWindows([3, 3], [8, 8]),
      },
    ],
  },
];

/** How trades follow each other. */
export const rhythmPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Time between trades',
    description:
      'Time between the receipts of consecutive trades, over the last few seconds. Trades that arrive in one message are 0 s apart.',
    unit: 's',
    width: 12,
    queries: [
      // Ten trades arrive together, then nothing for 50 ms: nine gaps of ten are zero.
      { expr: quantileOf(0.5, METRICS.interarrival.name), legend: 'p50', expected: [0, 0.0005] },
      { expr: quantileOf(0.99, METRICS.interarrival.name), legend: 'p99', expected: [0.01, 0.5] },
    ],
  },
  {
    kind: 'graph',
    title: 'Burstiness',
    description:
      '-1: trades arrive regularly; 0: at random; towards 1: in bursts. Each sidecar has its own curves, because it sees only its part of the trades.',
    unit: 'none',
    width: 12,
    axisMin: -1,
    queries: [
      {
        expr: METRICS.burstiness.name,
        legend: '{{instance}}, last {{window}}',
        // Nine gaps of 0 and one of 50 ms: mean 5 ms, deviation 15 ms, so (15 - 5) / (15 + 5).
        expected: [0.3, 0.8],
      },
    ],
  },
];
