import { Counter, Gauge } from 'prom-client';

/** A metric as Prometheus shows it. */
export interface PulledDefinition<Label extends string = never> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
}

/**
 * Computes a counter or gauge at each scrape, from the place that keeps its value anyway, so that there is one truth and no
 * cost between scrapes. `write` sets all of its series; a counter is at 0 when it is called.
 */
export function pulled<Label extends string, M extends Counter<Label> | Gauge<Label>>(
  metric: M,
  write: (metric: M) => void,
): M {
  // `this` and not `metric`: the OpenMetrics text is written from an object that inherits from it.
  return Object.assign(metric, {
    collect(this: M) {
      this.reset();
      write(this);
    },
  });
}

/** A new gauge without labels that shows what `read` finds at each scrape. */
export function pulledGauge(definition: PulledDefinition, read: () => number | Promise<number>): Gauge {
  return new Gauge({
    ...definition,
    // No reset: of two simultaneous scrapes, one must not read the other's reset as a value.
    async collect() {
      this.set(await read());
    },
  });
}

/**
 * The same for a gauge with labels.
 * @param read calls `set` once for each combination of label values
 */
export function pulledGauges<Label extends string>(
  { name, help, labelNames }: PulledDefinition<Label>,
  read: (set: (labels: Record<Label, string>, value: number) => void) => void,
): Gauge<Label> {
  const gauge = new Gauge<Label>({ name, help, labelNames: [...labelNames] });
  return pulled<Label, Gauge<Label>>(gauge, (metric) => read((labels, value) => metric.set(labels, value)));
}

/** A new counter without labels that repeats, at each scrape, the total that its owner keeps. */
export function pulledCounter(definition: PulledDefinition, read: () => number): Counter {
  return pulled(new Counter(definition), (counter) => counter.inc(read()));
}

/** The same for a counter with one label: a total for each of its values. */
export function pulledCounters<Label extends string>(
  { name, help }: PulledDefinition<Label>,
  label: Label,
  read: () => Readonly<Record<string, number>>,
): Counter<Label> {
  const counter = new Counter<Label>({ name, help, labelNames: [label] });
  return pulled<Label, Counter<Label>>(counter, (metric) => {
    for (const [value, total] of Object.entries(read())) metric.labels(value).inc(total);
  });
}
