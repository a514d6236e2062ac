import { Module } from '@nestjs/common';
import { PublishingModule } from '../publishing/publishing.module.js';
import { EventsController } from './events.controller.js';
import { LiveFeed } from './live-feed.js';

/** The live feed of this publisher. */
@Module({
  imports: [PublishingModule],
  controllers: [EventsController],
  providers: [LiveFeed],
  exports: [LiveFeed],
})
export class LiveModule {}
