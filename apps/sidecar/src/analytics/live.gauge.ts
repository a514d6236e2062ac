import { Gauge } from 'prom-client';
import type { MetricDefinition } from '@app/contracts';

/**
 * Registers a gauge that is worked out when Prometheus asks and costs nothing in between. Its label sets are there from
 * the start.
 * @param read calls `set` once for each combination of label values
 */
export function liveGauge<Label extends string>(
  { name, help, labelNames }: MetricDefinition<Label>,
  read: (set: (labels: Record<Label, string>, value: number) => void) => void,
): Gauge<Label> {
  return new Gauge<Label>({
    name,
    help,
    labelNames: [...labelNames],
    collect() {
      read((labels, value) => this.set(labels, value));
    },
  });
}
