import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { PageController } from './page.controller.js';
import { PageFiles } from './page.files.js';
import { PlainPageController } from './plain-page.controller.js';
import { PlainPage } from './plain.page.js';

/** The web page; nothing else depends on it. */
@Module({
  imports: [EventsModule],
  controllers: [PageController, PlainPageController],
  providers: [PageFiles, PlainPage],
})
export class PageModule {}
