import type { MetricDefinition } from './metric-definition.js';

/** Stands for all symbols beyond those that have a place of their own. */
export const OTHER_SYMBOL = 'other';

/** What the sidecar derives from the optional fields `symbol` and `price`, and from which way trades go. */
export const flowMetrics = {
  symbolTrades: {
    name: 'trading_symbol_trades_total',
    help: 'Trades applied, by symbol and side; symbols beyond SYMBOLS_MAX count as other.',
    labelNames: ['symbol', 'side'],
  } satisfies MetricDefinition<'symbol' | 'side'>,
  symbolVolume: {
    name: 'trading_symbol_volume_total',
    help: 'Sum of the quantities, by symbol and side.',
    labelNames: ['symbol', 'side'],
  } satisfies MetricDefinition<'symbol' | 'side'>,
  symbolNotional: {
    name: 'trading_symbol_notional_total',
    help: 'Sum of price times quantity of the trades with a price, by symbol and side.',
    labelNames: ['symbol', 'side'],
  } satisfies MetricDefinition<'symbol' | 'side'>,
  symbolsOverflow: {
    name: 'trading_symbols_overflow_total',
    help: 'Trades that count under the symbol other, because there are more than SYMBOLS_MAX symbols.',
    labelNames: [],
  } satisfies MetricDefinition,
  lastPrice: {
    name: 'trading_last_price',
    help: 'Price of the trade applied last, by symbol.',
    labelNames: ['symbol'],
  } satisfies MetricDefinition<'symbol'>,
  windowVwap: {
    name: 'trading_window_vwap',
    help: 'Volume-weighted average price within the rolling window, by symbol; NaN while it holds no volume with a price.',
    labelNames: ['symbol', 'window'],
  } satisfies MetricDefinition<'symbol' | 'window'>,
  volumeDelta: {
    name: 'trading_volume_delta',
    help: 'Volume bought minus volume sold, over the time that volume_total counts.',
    labelNames: [],
  } satisfies MetricDefinition,
  windowImbalance: {
    name: 'trading_window_imbalance',
    help: 'Bought minus sold volume over all volume of the rolling window: 1 all bought, -1 all sold; NaN without volume.',
    labelNames: ['window'],
  } satisfies MetricDefinition<'window'>,
  vpin: {
    name: 'trading_vpin',
    help: 'VPIN: mean of |bought - sold| / V over the last 50 buckets of equal volume V; NaN before 50 are full.',
    labelNames: [],
  } satisfies MetricDefinition,
  qtyQuantile: {
    name: 'trading_qty_quantile',
    help: 'Quantiles of the quantities of the last one to two minutes, to 1 %, by side (buy, sell, all); NaN without trades.',
    labelNames: ['side', 'quantile'],
  } satisfies MetricDefinition<'side' | 'quantile'>,
};
