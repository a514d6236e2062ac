import { ExpositionModule } from '@app/service-kit';
import { Module } from '@nestjs/common';
import { EventsModule } from '../live/live.module.js';
import { LinkModule } from '../publishing/publishing.module.js';
import { DeliveryMetrics } from './delivery.metrics.js';
import { TransportMetrics } from './publisher.metrics.js';

/** `GET /metrics` in Prometheus' text format. */
@Module({
  imports: [ExpositionModule, LinkModule, EventsModule],
  providers: [TransportMetrics, DeliveryMetrics],
})
export class MetricsModule {}
