import { type Metric, register, type Registry } from 'prom-client';
import type { PulledDefinition } from './pulled.metric.js';

/** A histogram as Prometheus shows it. */
interface HistogramDefinition<Label extends string> extends PulledDefinition<Label> {
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
}

/** One observation of a bucket, with what leads to its cause; shown in OpenMetrics alone. */
export interface Exemplar {
  /** At most 128 characters of names and values together. */
  readonly labelSet: Readonly<Record<string, string>>;
  readonly value: number;
  /** When it was observed, in Unix epoch seconds. */
  readonly timestamp: number;
}

/** The observations of a series in plain data; `counts` has those above all bounds last. */
export interface KeptSeries {
  readonly sum: number;
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** The observations of one combination of label values. */
export class HistogramSeries {
  /** Observations in each bucket alone; the last one is for values above all bounds. */
  readonly counts: Float64Array;
  sum = 0;
  count = 0;
  /** The newest exemplar of each bucket; nothing until there is one. */
  readonly exemplars: Exemplar[] = [];

  /**
   * @param bounds rising
   * @param onFirst called at the first observation
   */
  constructor(
    readonly labels: Readonly<Record<string, string>>,
    private readonly bounds: Float64Array,
    private readonly onFirst: (series: HistogramSeries) => void,
  ) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** Observes a value, `times` times. Throws TypeError for a value that is not finite. */
  add(value: number, times = 1): void {
    if (!Number.isFinite(value)) throw new TypeError(`Value is not a valid number: ${value}`);
    if (this.count === 0) this.onFirst(this);
    const bucket = this.bucketOf(value);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + times;
    this.count += times;
    this.sum += times === 1 ? value : value * times;
  }

  /** Remembers an observation that `add` has counted. */
  exemplify(exemplar: Exemplar): void {
    this.exemplars[this.bucketOf(exemplar.value)] = exemplar;
  }

  /** A copy of the observations. */
  kept(): KeptSeries {
    return { sum: this.sum, bounds: [...this.bounds], counts: [...this.counts] };
  }

  /** Adds the observations of an earlier process, unless its buckets were others: those cannot be told apart. */
  restore({ sum, bounds, counts }: KeptSeries): void {
    if (bounds.length !== this.bounds.length || bounds.some((bound, index) => bound !== this.bounds[index]))
      return;
    const count = counts.reduce((total, inBucket) => total + inBucket, 0);
    if (count === 0) return;
    if (this.count === 0) this.onFirst(this);
    counts.forEach((inBucket, bucket) => (this.counts[bucket] = (this.counts[bucket] ?? 0) + inBucket));
    this.count += count;
    this.sum += sum;
  }

  /** The first bucket whose bound is not below the value. */
  private bucketOf(value: number): number {
    const { bounds } = this;
    let [low, high] = [0, bounds.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (value <= (bounds[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName: string;
  readonly exemplar?: Exemplar;
}

/**
 * A histogram that counts into typed arrays and is written out at each scrape. prom-client's own histogram hashes its labels and
 * makes objects at every observation, which would be most of an event's cost. The exposition is the same to the byte.
 */
export class BucketHistogram<Label extends string = never> {
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
  private readonly bounds: Float64Array;
  /** The series that are shown: one with labels is shown from its first observation. */
  private shown: HistogramSeries[] = [];
  private readonly plain: HistogramSeries | undefined;

  /** @param registers the registries that show it @default prom-client's global registry */
  constructor(
    { name, help, labelNames, buckets }: HistogramDefinition<Label>,
    registers: readonly Registry[] = [register],
  ) {
    [this.name, this.help, this.labelNames] = [name, help, labelNames];
    this.bounds = Float64Array.from(buckets);
    if (labelNames.length === 0) {
      this.plain = new HistogramSeries({}, this.bounds, () => undefined);
      this.shown.push(this.plain);
    }
    // The type names only prom-client's own classes; the registry uses `name`, `type`, `get` and `reset`.
    for (const registry of registers) registry.registerMetric(this as unknown as Metric);
  }

  /** Observes a value of a histogram without labels. Throws TypeError for a value that is not finite, and if there are labels. */
  observe(value: number, times = 1): void {
    if (this.plain === undefined) throw new TypeError(`${this.name} has labels: observe through series()`);
    this.plain.add(value, times);
  }

  /** The series of a histogram without labels. Throws TypeError if there are labels. */
  get only(): HistogramSeries {
    if (this.plain === undefined) throw new TypeError(`${this.name} has labels: use series()`);
    return this.plain;
  }

  /** The series of these labels. Keep it: adding to it needs no look-up. */
  series(labels: Readonly<Record<Label, string>>): HistogramSeries {
    return new HistogramSeries(labels, this.bounds, (series) => this.shown.push(series));
  }

  /** For the registry: the metric as it is now. */
  async get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.shown.flatMap((series) => this.samplesOf(series)) };
  }

  /** For the registry: back to zero. */
  reset(): void {
    for (const series of this.shown) {
      series.counts.fill(0);
      [series.sum, series.count, series.exemplars.length] = [0, 0, 0];
    }
    this.shown = this.plain === undefined ? [] : [this.plain];
  }

  private samplesOf({ labels, counts, sum, count, exemplars }: HistogramSeries): Sample[] {
    const { name } = this;
    const bucketOf = (le: Sample['labels'], value: number, exemplar: Exemplar | undefined): Sample => ({
      labels: le,
      value,
      metricName: `${name}_bucket`,
      ...(exemplar && { exemplar }),
    });
    let upTo = 0;
    const buckets = Array.from(this.bounds, (le, bucket) => {
      upTo += counts[bucket] ?? 0;
      return bucketOf({ le, ...labels }, upTo, exemplars[bucket]);
    });
    return [
      ...buckets,
      bucketOf({ le: '+Inf', ...labels }, count, exemplars[this.bounds.length]),
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  }
}
