import { Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { MetricsController } from './metrics.controller.js';
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
function collectProcessMetrics(): void {
  collectDefaultMetrics();
  for (const name of MISNAMED) register.removeSingleMetric(name);
}

/** `GET /metrics` with the metrics of the process. Features bring their own by the providers of nestjs-prometheus. */
@Module({
  imports: [
    PrometheusModule.registerAsync({
      controller: MetricsController,
      // In a factory, so that the metrics are registered when an app starts and not when this file is loaded.
      useFactory: () => {
        collectProcessMetrics();
        return { controller: MetricsController, defaultMetrics: { enabled: false } };
      },
    }),
  ],
})
export class ExpositionModule {}
