import { ExpositionModule } from '@app/service-kit';
import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { LiveModule } from '../live/live.module.js';
import { PublishingModule } from '../publishing/publishing.module.js';
import { HealthController } from './health.controller.js';
import { HealthIndicators } from './health-indicators.js';
import { PublisherMetrics } from './publisher-metrics.js';

/** `/health` and `/metrics`. */
@Module({
  // Terminus would log every failed check, although the answer says so and a probe asks every second.
  imports: [TerminusModule.forRoot({ logger: false }), ExpositionModule, PublishingModule, LiveModule],
  controllers: [HealthController],
  providers: [HealthIndicators, PublisherMetrics],
})
export class OperationsModule {}
