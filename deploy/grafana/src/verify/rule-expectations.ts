import { TRADE_STAGES } from '../../../../libs/contracts/src/index.js';
import { about, gathered, PER_SECOND, SYMBOL_LOAD, upTo } from '../known-load.js';
import type { Query } from '../panel-definition.js';

const latency = [0.00001, 1] as const;
const windows = [gathered(PER_SECOND.sells)[0], gathered(PER_SECOND.trades)[1]] as const;
const volumes = [
  gathered(PER_SECOND.buyVolume)[0],
  gathered(PER_SECOND.buyVolume + PER_SECOND.sellVolume)[1],
] as const;

/** What each recording rule must answer while the known load runs. A rule without an entry fails the proof. */
export const RULE_EXPECTATIONS: Readonly<Record<string, Query['expected']>> = {
  'side_partition:trades:max': [1, gathered(PER_SECOND.buys)[1]],
  'side_partition:volume:max': [1, gathered(PER_SECOND.sellVolume)[1]],
  'side:trades:total': [gathered(PER_SECOND.sells)[0], gathered(PER_SECOND.buys)[1]],
  'side:volume:total': [gathered(PER_SECOND.buyVolume)[0], gathered(PER_SECOND.sellVolume)[1]],
  'side:trades:rate1m': upTo(PER_SECOND.trades),
  'side:volume:rate1m': upTo(PER_SECOND.sellVolume),
  'reason:trading_events_rejected:rate1m': [0, 1],
  'trading:last_trade_age:seconds': [0, 3],
  'trading:published:rate1m': upTo(PER_SECOND.trades),
  'trading:applied:rate1m': upTo(PER_SECOND.trades),
  'trading:published:increase5m': about(PER_SECOND.trades * 23, 0.3),
  'trading:published_minus_applied:increase5m': [-PER_SECOND.trades * 1.5, PER_SECOND.trades * 1.5],
  'trading:rejected:ratio5m': [0.001, 0.0099],
  'side_window:trading_window_trades:sum': windows,
  'side_window:trading_window_volume:sum': volumes,
  'side_window:trading_window_qty_max:max': [3, 8],
  'side_window:trading_window_qty_mean:pooled': [1.99, 5.01],
  'side_window:trading_window_qty_stddev:pooled': [0.99, 3.01],
  'side:trading_volume_ewma:sum': upTo(PER_SECOND.buyVolume + PER_SECOND.sellVolume),
  'window:trading_window_imbalance:pooled': [-0.26, -0.24],
  'symbol:trades:rate1m': upTo(SYMBOL_LOAD.ETH.trades),
  'trading:volume:rate5m': [1, PER_SECOND.buyVolume + PER_SECOND.sellVolume],
  'trading:volume:median6h': [0, PER_SECOND.buyVolume + PER_SECOND.sellVolume],
  'trading:volume:spread': [0, PER_SECOND.buyVolume + PER_SECOND.sellVolume],
  'trading:volume:deviation6h': [0, PER_SECOND.buyVolume + PER_SECOND.sellVolume],
  'trading:volume:distance': [-100, 100],
  'trading:applied:median6h': [0, PER_SECOND.trades * 1.25],
  'le:trading_receive_latency_seconds_bucket:rate1m': [0, PER_SECOND.trades],
  'trading:receive_latency_seconds:p50_1m': latency,
  'trading:receive_latency_seconds:p99_1m': latency,
  'stage_le:trading_stage_latency_seconds_bucket:rate1m': [0, PER_SECOND.trades],
  'stage:trading_stage_latency_seconds:p99_1m': Object.fromEntries(
    TRADE_STAGES.map((stage) => [JSON.stringify({ stage }), latency]),
  ),
};

/** Whether a rule asks for what only sidecars behind a broker have. */
export function isAboutBroker({ name, query }: { readonly name: string; readonly query: string }): boolean {
  return name.startsWith('side_partition:') || query.includes('trading_broker_');
}

/**
 * They may be true for a moment, but must not fire: an alert on time, on a machine that has other things to do; and one that
 * compares recorded counts of partitions with a publisher's newer ones, at the beginning of a load.
 */
export const MAY_BE_PENDING: ReadonlySet<string> = new Set([
  'TradingLatencyHigh',
  'TradingPublishedAppliedDiffer',
]);
