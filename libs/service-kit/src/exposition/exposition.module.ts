import { Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { MetricsController } from './metrics.controller.js';
import { collectProcessMetrics } from './process.metrics.js';

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
