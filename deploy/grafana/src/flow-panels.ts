import { METRICS } from '../../../libs/contracts/src/index.js';
import { about, gathered, PER_SECOND, SYMBOL_LOAD } from './known-load.js';
import type { PanelDefinition, Query, ValueRange } from './panel-definition.js';
import { countOf, sumOf, sumOfRates } from './promql-text.js';

const VOLUME = METRICS.symbolVolume.name;
const NOTIONAL = METRICS.symbolNotional.name;
const BY_SYMBOL = ['symbol'] as const;
/** Ten symbols: more curves say nothing. */
const LARGEST = `topk(10, ${sumOfRates(NOTIONAL, BY_SYMBOL)})`;
/** To the percent that quantiles of quantities are exact to. */
const nearly = (value: number): ValueRange => [value * 0.989, value * 1.011];
const exactly = (value: number): ValueRange => [value * 0.9999, value * 1.0001];

/** Prices of different sidecars have a mean, as they are of the same symbol. */
function priceOf(metric: string, legend: string, ofSymbol: (symbol: 'ETH' | 'BTC') => number): Query {
  const name = (symbol: string): string => legend.replace('{{symbol}}', symbol);
  return {
    expr: `avg by (symbol) (${metric}) and on (symbol) ${LARGEST}`,
    legend,
    expected: { [name('ETH')]: exactly(ofSymbol('ETH')), [name('BTC')]: exactly(ofSymbol('BTC')) },
  };
}

/** More is sold than bought. */
const PRESSURE = PER_SECOND.sellVolume - PER_SECOND.buyVolume;
const [ETH, BTC] = [SYMBOL_LOAD.ETH, SYMBOL_LOAD.BTC];

/** Which way trades go. */
export const flowPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Volume delta',
    description: 'Volume bought minus volume sold, since the totals began: it rises while buyers press.',
    unit: 'suffix: qty',
    width: 8,
    axisMin: 'auto',
    queries: [
      {
        expr: `${countOf(METRICS.volumeTotal.name, [], 'side="buy"')} - ${countOf(METRICS.volumeTotal.name, [], 'side="sell"')}`,
        legend: 'bought − sold',
        expected: [-gathered(PRESSURE)[1], -gathered(PRESSURE)[0]],
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Imbalance of the window',
    description:
      'Volume bought minus sold over all volume, of the last 1 and 5 minutes, all sidecars together. 1: only buys; −1: only sells. An alert fires when it stays beyond ±0.8.',
    unit: 'none',
    width: 8,
    axisMin: -1,
    queries: [
      {
        expr: 'window:trading_window_imbalance:pooled',
        legend: 'last {{window}}',
        expected: [-0.26, -0.24],
      },
    ],
  },
  {
    kind: 'graph',
    title: 'VPIN',
    description:
      'Volume-synchronized probability of informed trading: mean imbalance of the last 50 buckets of equal volume. 0: balanced; 1: one side alone. Each sidecar computes its own from its part of the trades.',
    unit: 'none',
    width: 8,
    noValue: 'fewer than 50 buckets',
    queries: [{ expr: METRICS.vpin.name, legend: '{{instance}}', expected: [0.2, 0.3] }],
  },
  {
    kind: 'graph',
    title: 'Quantiles of the quantities',
    description:
      'Quantity that 50 % (p50) and 90 % (p90) of the trades of the last one to two minutes do not exceed. Each sidecar shows its own: quantiles do not add up.',
    unit: 'suffix: qty',
    width: 12,
    queries: [
      {
        expr: `max by (side) (${METRICS.qtyQuantile.name}{side!="all",quantile="0.5"})`,
        legend: '{{side}}, p50',
        expected: { 'buy, p50': nearly(1), 'sell, p50': nearly(2) },
      },
      {
        expr: `max by (side) (${METRICS.qtyQuantile.name}{side!="all",quantile="0.9"})`,
        legend: '{{side}}, p90',
        expected: { 'buy, p90': nearly(3), 'sell, p90': nearly(8) },
      },
    ],
  },
];

/** The largest symbols. */
export const symbolPanels: readonly PanelDefinition[] = [
  {
    kind: 'graph',
    title: 'Volume per second, top 10 symbols',
    description:
      'Quantity traded per second over the last few seconds. Symbols beyond SYMBOLS_MAX are together in other.',
    unit: 'suffix: qty/s',
    width: 12,
    queries: [
      {
        expr: `topk(10, ${sumOfRates(VOLUME, BY_SYMBOL)})`,
        legend: '{{symbol}}',
        expected: { ETH: about(ETH.volume), BTC: about(BTC.volume) },
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Notional per second, top 10 symbols',
    description: 'Sum of price times quantity per second, of the trades with a price.',
    unit: 'locale',
    width: 12,
    queries: [
      {
        expr: LARGEST,
        legend: '{{symbol}}',
        expected: { ETH: about(ETH.notional), BTC: about(BTC.notional) },
      },
    ],
  },
  {
    kind: 'graph',
    title: 'Last price and VWAP, top 10 symbols',
    description:
      'Price of the trade applied last, and volume-weighted average price of the last minute, of the symbols with the largest notional. With several sidecars: their mean.',
    unit: 'locale',
    width: 16,
    axisMin: 'auto',
    queries: [
      priceOf(METRICS.lastPrice.name, '{{symbol}}', (symbol) => SYMBOL_LOAD[symbol].lastPrice),
      priceOf(
        `${METRICS.windowVwap.name}{window="1m"}`,
        '{{symbol}}, VWAP',
        (symbol) => SYMBOL_LOAD[symbol].vwap,
      ),
    ],
  },
  {
    kind: 'number',
    title: 'Trades without a symbol of their own',
    description: 'Trades counted under other, because there are more than SYMBOLS_MAX symbols.',
    unit: 'locale',
    width: 8,
    queries: [{ expr: sumOf(METRICS.symbolsOverflow.name), legend: 'under other', expected: [0, 0] }],
  },
];
