import type { Counter, Gauge } from 'prom-client';

/**
 * Has an injected counter or gauge worked out when Prometheus asks, from the place where its value is kept anyway: one
 * truth, and no cost for an event. `write` sets all of its series; a counter is at 0 then.
 */
export function atScrape<Label extends string, M extends Counter<Label> | Gauge<Label>>(
  metric: M,
  write: (metric: M) => void,
): void {
  // `this` and not `metric`: the OpenMetrics text is written from an object that inherits from it.
  Object.assign(metric, {
    collect(this: M) {
      this.reset();
      write(this);
    },
  });
}
