import { collectDefaultMetrics, register } from 'prom-client';

/**
 * Gauges that prom-client names like counters, against the rules of Prometheus and of OpenMetrics. What they count is in
 * `nodejs_active_resources`, `nodejs_active_handles` and `nodejs_active_requests` by type.
 */
const MISNAMED = [
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
];

/** Registers the metrics of this process: CPU, memory, event loop, garbage collection. */
export function collectProcessMetrics(): void {
  collectDefaultMetrics();
  for (const name of MISNAMED) register.removeSingleMetric(name);
}
