import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Counter, Gauge, register } from 'prom-client';
import { ROOT } from '../../scripts/lib/project.mjs';

/** @param {string} path below the built sidecar */
const load = (path) => import(pathToFileURL(join(ROOT, 'dist', 'apps', 'sidecar', path)).href);

const { BucketHistogram } = await load('libs/service-kit/src/exposition/bucket-histogram.js');
const { METRICS } = await load('libs/contracts/src/index.js');
const { epochSeconds: nowSeconds } = await load('libs/transport-core/src/index.js');
const { ArrivalTimes } = await load('apps/sidecar/src/counting/arrival-times.js');
const { TradeRecorder } = await load('apps/sidecar/src/counting/trade-recorder.js');
const { tradeMetrics } = await load('apps/sidecar/src/analytics/metric-list.js');
const { ReceiveClock } = await load('apps/sidecar/src/analytics/rolling/receive-clock.js');
const { PartitionCounts } = await load('apps/sidecar/src/counting/partition-counts.js');
const { SidecarConfig } = await load('apps/sidecar/src/config/sidecar.config.js');
const { AnalyticsSnapshot } = await load('apps/sidecar/src/analytics/snapshot.js');
const { TradeState } = await load('apps/sidecar/src/counting/state/trade-state.js');
const { TradeAnalysis } = await load('apps/sidecar/src/analytics/trade-analysis.js');

export { nowSeconds };

/** The recorder with its counters and histograms, and no listener. */
export function makeRecorder() {
  register.clear();
  const arrivals = new ArrivalTimes(
    new BucketHistogram(METRICS.receiveLatency),
    new BucketHistogram(METRICS.interarrival),
    new Counter(METRICS.clockSkew),
  );
  return new TradeRecorder(
    new Counter(METRICS.tradesTotal),
    new Counter(METRICS.volumeTotal),
    new Gauge(METRICS.lastTradeTimestamp),
    arrivals,
  );
}

/** The recorder with the whole analysis behind it. */
export function makeAnalysedRecorder() {
  const recorder = makeRecorder();
  const clock = new ReceiveClock();
  const config = new SidecarConfig();
  // As Nest injects them: by the types of their constructors, each after those that it needs.
  const made = new Map([
    [TradeRecorder, recorder],
    [ReceiveClock, clock],
    [SidecarConfig, config],
  ]);
  const metrics = tradeMetrics.map((Metric) => {
    const needed = Reflect.getMetadata('design:paramtypes', Metric) ?? [];
    const metric = new Metric(...needed.map((type) => made.get(type)));
    made.set(Metric, metric);
    return metric;
  });
  const analysis = new TradeAnalysis(recorder, clock, metrics, new PartitionCounts(), config);
  // No state is kept here: it is asked for snapshots by hand.
  const snapshot = new AnalyticsSnapshot(metrics, clock, new TradeState(recorder), recorder);
  return { recorder, analysis, snapshot };
}

/**
 * Trades of both sides with varied quantities, made now.
 * @param {boolean} arePriced whether they have a price, and one of two hundred symbols
 */
export function someTrades(arePriced = true) {
  return Array.from({ length: 4096 }, (_, index) => ({
    type: 'trade',
    side: index % 3 === 0 ? 'sell' : 'buy',
    qty: ((index * 7919) % 1000) / 10,
    ts: nowSeconds(),
    ...(arePriced && { symbol: `S${(index * 31) % 200}`, price: 100 + ((index * 17) % 50) }),
  }));
}
