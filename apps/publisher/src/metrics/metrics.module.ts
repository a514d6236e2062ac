import { Module } from '@nestjs/common';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { EventsModule } from '../events/events.module.js';
import { LinkModule } from '../link/link.module.js';
import { TransportMetrics } from './transport.metrics.js';

/** `GET /metrics` in Prometheus' text format. */
@Module({
  // Async, so that the process metrics are registered when an app starts and not when this file is loaded.
  imports: [PrometheusModule.registerAsync({ useFactory: () => ({}) }), LinkModule, EventsModule],
  providers: [TransportMetrics],
})
export class MetricsModule {}
