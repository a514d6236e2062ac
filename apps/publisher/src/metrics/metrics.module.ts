import { ExpositionModule } from '@app/service-kit';
import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { LinkModule } from '../link/link.module.js';
import { DeliveryMetrics } from './delivery.metrics.js';
import { TransportMetrics } from './transport.metrics.js';

/** `GET /metrics` in Prometheus' text format. */
@Module({
  imports: [ExpositionModule, LinkModule, EventsModule],
  providers: [TransportMetrics, DeliveryMetrics],
})
export class MetricsModule {}
