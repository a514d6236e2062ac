import type { MetricDefinition } from '../definitions.js';
import { type MetricTally, readLabelsOf, type Series } from './metric-tally.js';

/** A sample as prom-client's registry writes it. */
export interface ShownSample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Undefined: the metric's own name. */
  readonly metricName?: string;
}

/** Series of a metric, and the labels that tell them from those of another count. */
export interface ShownTally {
  readonly labels: Readonly<Record<string, string>>;
  readonly tally: MetricTally;
}

/** A configured metric as prom-client's registry takes it: read at each scrape from where it is counted. */
export class ShownMetric {
  readonly name: string;
  readonly help: string;
  readonly type: MetricDefinition['kind'];
  readonly aggregator = 'sum';

  constructor(
    private readonly definition: MetricDefinition,
    private readonly read: () => Iterable<ShownTally>,
  ) {
    this.name = definition.name;
    this.help = definition.help;
    this.type = definition.kind;
  }

  /** For the registry: the metric as it is now. */
  async get(): Promise<object> {
    const { name, help, type, aggregator } = this;
    const values: ShownSample[] = [];
    for (const { labels, tally } of this.read()) {
      for (const series of tally.all()) values.push(...this.samplesOf(series, labels));
    }
    return { name, help, type, aggregator, values };
  }

  /** For the registry, which a running service never asks to forget its counts. */
  reset(): void {
    throw new Error(`${this.name} is read from its owner: there is nothing to reset`);
  }

  /** The samples of one series, with these labels more. */
  samplesOf(series: Series, more: Readonly<Record<string, string>>): ShownSample[] {
    const labels = { ...this.labelsOf(series), ...more };
    const { counts, value, count } = series;
    if (counts === undefined) return [{ labels, value }];
    const { name } = this;
    let upTo = 0;
    const buckets = this.definition.buckets.map((le, bucket): ShownSample => {
      upTo += counts[bucket] ?? 0;
      return { labels: { le, ...labels }, value: upTo, metricName: `${name}_bucket` };
    });
    return [
      ...buckets,
      { labels: { le: '+Inf', ...labels }, value: count, metricName: `${name}_bucket` },
      { labels, value, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  }

  private labelsOf({ labels }: Series): Record<string, string> {
    const read = readLabelsOf(this.definition);
    const byName = new Map(read.map(({ name }, place) => [name, labels[place] ?? '']));
    return Object.fromEntries(
      this.definition.labels.map(({ name, constant }) => [name, constant ?? byName.get(name) ?? '']),
    );
  }
}
