import { Module } from '@nestjs/common';
import { LinkModule } from '../publishing/publishing.module.js';
import { EventsController } from './events.controller.js';
import { LinkReporter } from './link.reporter.js';
import { PublisherFeed } from './live-feed.js';

/** The live feed of this publisher. */
@Module({
  imports: [LinkModule],
  controllers: [EventsController],
  providers: [PublisherFeed, LinkReporter],
  exports: [PublisherFeed, LinkReporter],
})
export class EventsModule {}
