import { Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { LinkModule } from '../publishing/publishing.module.js';
import { HealthController } from './health.controller.js';
import { DeliveryIndicator } from './delivery.indicator.js';
import { LinkIndicator } from './link.indicator.js';
import { OutboxIndicator } from './outbox.indicator.js';

/** Whether the publisher can do its work. */
@Module({
  // A failed check is answered and counted by whoever asked; it is no error of ours to log every second.
  imports: [TerminusModule.forRoot({ logger: false }), LinkModule],
  controllers: [HealthController],
  providers: [DeliveryIndicator, LinkIndicator, OutboxIndicator],
})
export class HealthModule {}
