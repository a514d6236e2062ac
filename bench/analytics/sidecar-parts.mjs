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
const { RecentTrades } = await load('apps/sidecar/src/analytics/frame/trade-frame.js');
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
  const metrics = tradeMetrics.map((Metric) =>
    Metric === RecentTrades ? new Metric({ ANALYTICS_FRAME_ROWS: 1_048_576 }) : new Metric(clock),
  );
  return { recorder, analysis: new TradeAnalysis(recorder, clock, metrics) };
}

/** Trades of both sides with varied quantities, made now. */
export function someTrades() {
  return Array.from({ length: 4096 }, (_, index) => ({
    type: 'trade',
    side: index % 3 === 0 ? 'sell' : 'buy',
    qty: ((index * 7919) % 1000) / 10,
    ts: nowSeconds(),
  }));
}
