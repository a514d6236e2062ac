import { DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { Counter, Gauge, Registry, Summary } from 'prom-client';
import { BucketHistogram } from '../exposition/bucket-histogram.js';
import { RegistryMetrics } from './registry-metrics.js';

async function collect(registry: Registry): Promise<MetricData[]> {
  const { resourceMetrics } = await new RegistryMetrics(registry, { name: 'test' }).collect();
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
}

const valuesOf = ({ dataPoints }: MetricData): unknown[] =>
  dataPoints.map(({ attributes, value }) => [attributes, value]);

describe('RegistryMetrics', () => {
  let registry: Registry;

  beforeEach(() => {
    registry = new Registry();
  });

  it('makes a counter a sum that only rises, and a gauge a gauge, with their labels', async () => {
    const options = { help: 'H.', labelNames: ['side'], registers: [registry] };
    new Counter({ name: 'trades_total', ...options }).inc({ side: 'buy' }, 3);
    new Gauge({ name: 'age_seconds', ...options }).set({ side: 'sell' }, Number.NaN);
    const [counter, gauge] = await collect(registry);

    expect(counter).toMatchObject({
      descriptor: { name: 'trades_total', description: 'H.', unit: '' },
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
    });
    expect(counter && valuesOf(counter)).toEqual([[{ side: 'buy' }, 3]]);
    expect(gauge).toMatchObject({ descriptor: { unit: 's' }, dataPointType: DataPointType.GAUGE });
    expect(gauge && valuesOf(gauge)).toEqual([[{ side: 'sell' }, Number.NaN]]);
  });

  it('counts each bucket of a histogram alone, series by series', async () => {
    const definition = {
      name: 'wait_seconds',
      help: 'H.',
      labelNames: ['stage'] as const,
      buckets: [1, 2, 5],
    };
    const histogram = new BucketHistogram(definition, [registry]);
    const [a, b] = [histogram.series({ stage: 'a' }), histogram.series({ stage: 'b' })];
    for (const value of [0.5, 1, 1.5, 9]) a.add(value);
    b.add(4, 10);
    const [data] = await collect(registry);

    expect(data && valuesOf(data)).toEqual([
      [{ stage: 'a' }, { buckets: { boundaries: [1, 2, 5], counts: [2, 1, 0, 1] }, sum: 12, count: 4 }],
      [{ stage: 'b' }, { buckets: { boundaries: [1, 2, 5], counts: [0, 0, 10, 0] }, sum: 40, count: 10 }],
    ]);
  });

  it('makes the quantiles of a summary a gauge, and its sum and count sums', async () => {
    const summary = new Summary({ name: 'qty', help: 'H.', percentiles: [0.5], registers: [registry] });
    for (const value of [1, 2, 3]) summary.observe(value);

    expect((await collect(registry)).map((data) => [data.descriptor.name, valuesOf(data)])).toEqual([
      ['qty', [[{ quantile: '0.5' }, 2]]],
      ['qty_sum', [[{}, 6]]],
      ['qty_count', [[{}, 3]]],
    ]);
  });
});
