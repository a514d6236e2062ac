import type { MetricDefinition } from '@app/contracts';
import { Counter, Gauge } from 'prom-client';

/** A gauge whose value is asked for at each scrape and costs nothing in between. */
export function scrapedGauge(definition: MetricDefinition, read: () => number | Promise<number>): Gauge {
  return new Gauge({
    name: definition.name,
    help: definition.help,
    async collect() {
      this.set(await read());
    },
  });
}

/** A counter that repeats, at each scrape, the totals that its owner keeps: one for each value of `label`. */
export function scrapedCounter<Label extends string>(
  definition: MetricDefinition<Label>,
  label: Label,
  read: () => Readonly<Record<string, number>>,
): Counter<Label> {
  return new Counter<Label>({
    name: definition.name,
    help: definition.help,
    labelNames: [label],
    collect() {
      this.reset();
      for (const [value, total] of Object.entries(read())) this.labels(value).inc(total);
    },
  });
}

/** The same for a counter without labels. */
export function scrapedTotal(definition: MetricDefinition, read: () => number): Counter {
  return new Counter({
    name: definition.name,
    help: definition.help,
    collect() {
      this.reset();
      this.inc(read());
    },
  });
}
