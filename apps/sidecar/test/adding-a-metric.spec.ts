import { readdirSync, readFileSync } from 'node:fs';
import { Injectable, Module } from '@nestjs/common';
import { AnalyticsModule, analyticsParts } from '../src/analytics/analytics.module.js';
import { tradeMetrics } from '../src/analytics/metric-list.js';
import type { TradeMetric } from '../src/analytics/trade.metric.js';
import { LargestTradeMetric } from './largest-trade.metric.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

/** A metric with a fault. */
@Injectable()
class FaultyMetric implements TradeMetric {
  static calls = 0;

  apply(): void {
    FaultyMetric.calls += 1;
    throw new Error('faulty');
  }
}

/** Without the tutorial's metric, when somebody has just followed the tutorial. */
const ownMetrics = tradeMetrics.filter(({ name }) => name !== LargestTradeMetric.name);

// What a line in `metric-list.ts` does: the module is made of the list.
@Module(analyticsParts([FaultyMetric, ...ownMetrics, LargestTradeMetric]))
class ExtendedAnalyticsModule {}

describe('adding a metric', () => {
  let sidecar: SidecarUnderTest;

  beforeEach(async () => {
    FaultyMetric.calls = 0;
    sidecar = await startSidecar({}, false, (builder) =>
      builder.overrideModule(AnalyticsModule).useModule(ExtendedAnalyticsModule),
    );
    await sidecar.connect().send(JSON.stringify([trade({ qty: 2 }), trade({ qty: 7 }), trade({ qty: 3 })]));
    await until(
      'the trades are applied',
      async () => (await sidecar.metric('trades_total{side="buy"}')) === 3,
    );
  });

  afterEach(() => sidecar.close());

  it('takes one file and one line: it follows the trades and is in /metrics', async () => {
    expect(await sidecar.metric('trading_largest_trade_qty')).toBe(7);
  });

  it('with a fault harms neither the trades nor the other metrics, and is not asked again', async () => {
    expect(await sidecar.rejections()).toEqual({});
    expect(await sidecar.metric('trading_window_trades{side="all",window="1m"}')).toBe(3);
    expect(FaultyMetric.calls).toBe(1);
  });

  it('is shown in the docs as it is tested here', () => {
    const code = readFileSync('apps/sidecar/test/largest-trade.metric.ts', 'utf8').replaceAll(
      '../src/analytics/',
      '../',
    );
    expect(readFileSync('docs/tutorials/first-metric.md', 'utf8')).toContain(`\`\`\`ts\n${code}\`\`\``);
  });

  it('finds the parts that the docs name', () => {
    const folder = 'apps/sidecar/src/analytics/rolling';
    const source = readdirSync(folder).map((file) => readFileSync(`${folder}/${file}`, 'utf8'));
    const [, line = ''] =
      /`apps\/sidecar\/src\/analytics\/rolling\/` has parts: ([^.]+)\./.exec(
        readFileSync('docs/tutorials/first-metric.md', 'utf8'),
      ) ?? [];
    const parts = [...line.matchAll(/`(\w+)`/g)].map(([, part = '']) => part);

    expect(parts).toHaveLength(3);
    expect(parts.filter((part) => !source.join().includes(`export class ${part}`))).toEqual([]);
  });
});
