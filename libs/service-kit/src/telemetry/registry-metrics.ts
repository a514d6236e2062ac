import type { Attributes, HrTime } from '@opentelemetry/api';
import { hrTime, type InstrumentationScope, millisToHrTime } from '@opentelemetry/core';
import { emptyResource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type GaugeMetricData,
  type Histogram,
  type HistogramMetricData,
  type MetricData,
  type MetricProducer,
  type SumMetricData,
} from '@opentelemetry/sdk-metrics';
import type { Registry } from 'prom-client';

/** A sample as the registry gives it. */
interface Sample {
  readonly value: number;
  readonly labels?: Readonly<Record<string, string | number>>;
  /** The name of the series where it is not that of the metric: `…_bucket`, `…_sum`, `…_count`. */
  readonly metricName?: string;
}

/** A metric as the registry gives it; prom-client's type does not say what is in it. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly values: readonly Sample[];
}

/** When the points of an export were counted from, and until when. */
interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

const UNITS: Readonly<Record<string, string>> = { seconds: 's', bytes: 'By', ratio: '1' };

/**
 * The metrics of a registry of prom-client in OpenTelemetry's form, so that an export has the same numbers as `/metrics`. Names,
 * labels and bounds stay as they are. OpenTelemetry for JavaScript has no summary: its quantiles become a gauge, and its sum and
 * count become counters of their own.
 */
export class RegistryMetrics implements MetricProducer {
  constructor(
    private readonly registry: Registry,
    private readonly scope: InstrumentationScope,
  ) {}

  async collect(): Promise<CollectionResult> {
    const families = (await this.registry.getMetricsAsJSON()) as unknown as Family[];
    const times = { startTime: millisToHrTime(performance.timeOrigin), endTime: hrTime() };
    const metrics = families.flatMap((family) => dataOf(family, times));
    return {
      resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: this.scope, metrics }] },
      errors: [],
    };
  }
}

function dataOf(family: Family, times: Times): MetricData[] {
  const { name, help, type, values } = family;
  if (type === 'histogram') return [histogramOf(family, times)];
  if (type === 'counter') return [sumOf(name, help, values, times)];
  if (type === 'gauge') return [gaugeOf(name, help, values, times)];
  const of = (suffix: string): Sample[] =>
    values.filter(({ metricName }) => metricName === `${name}${suffix}`);
  const quantiles = values.filter(({ labels }) => labels !== undefined && 'quantile' in labels);
  return [
    gaugeOf(name, help, quantiles, times),
    sumOf(`${name}_sum`, help, of('_sum'), times),
    sumOf(`${name}_count`, help, of('_count'), times),
  ];
}

function common(name: string, description: string) {
  const unit = UNITS[name.replace(/_(?:total|sum)$/, '').replace(/^.*_/, '')] ?? '';
  return {
    descriptor: { name, description, unit, valueType: 1 },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
}

function pointsOf(samples: readonly Sample[], times: Times): DataPoint<number>[] {
  return samples.map(({ value, labels }) => ({ ...times, attributes: attributesOf(labels), value }));
}

function sumOf(name: string, help: string, samples: readonly Sample[], times: Times): SumMetricData {
  return {
    ...common(name, help),
    dataPointType: DataPointType.SUM,
    isMonotonic: true,
    dataPoints: pointsOf(samples, times),
  };
}

function gaugeOf(name: string, help: string, samples: readonly Sample[], times: Times): GaugeMetricData {
  return {
    ...common(name, help),
    dataPointType: DataPointType.GAUGE,
    dataPoints: pointsOf(samples, times),
  };
}

/** One series of a histogram, while its samples are read. */
interface Buckets {
  readonly attributes: Attributes;
  readonly boundaries: number[];
  /** Observations up to each bound, the last one for all. */
  readonly upTo: number[];
  sum: number;
  count: number;
}

function histogramOf({ name, help, values }: Family, times: Times): HistogramMetricData {
  const series = new Map<string, Buckets>();
  for (const { value, labels = {}, metricName } of values) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(rest);
    let buckets = series.get(key);
    if (buckets === undefined) {
      buckets = { attributes: attributesOf(rest), boundaries: [], upTo: [], sum: 0, count: 0 };
      series.set(key, buckets);
    }
    if (metricName === `${name}_sum`) buckets.sum = value;
    else if (metricName === `${name}_count`) buckets.count = value;
    else if (le !== '+Inf') {
      buckets.boundaries.push(Number(le));
      buckets.upTo.push(value);
    }
  }
  return {
    ...common(name, help),
    dataPointType: DataPointType.HISTOGRAM,
    dataPoints: [...series.values()].map((buckets) => ({
      ...times,
      attributes: buckets.attributes,
      value: valueOf(buckets),
    })),
  };
}

/** OpenTelemetry counts each bucket alone, Prometheus all up to its bound. */
function valueOf({ boundaries, upTo, sum, count }: Buckets): Histogram {
  const counts = [...upTo, count].map(
    (value, bucket) => value - (bucket === 0 ? 0 : (upTo[bucket - 1] ?? 0)),
  );
  return { buckets: { boundaries, counts }, sum, count };
}

/** OpenTelemetry's attributes are texts here, as Prometheus' labels are: a bound of 1 and of "1" would be two series. */
function attributesOf(labels: Sample['labels'] = {}): Attributes {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}
