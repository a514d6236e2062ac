import { Module } from '@nestjs/common';
import { EventsModule } from '../live/live.module.js';
import { PageController } from './page.controller.js';
import { PageFiles } from './page-files.js';
import { PlainPageController } from '../http/plain.controller.js';
import { PlainPage } from '../http/plain.page.js';

/** The web page; nothing else depends on it. */
@Module({
  imports: [EventsModule],
  controllers: [PageController, PlainPageController],
  providers: [PageFiles, PlainPage],
})
export class PageModule {}
