import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { PageController } from './page.controller.js';

/** The web page; nothing else depends on it. */
@Module({ imports: [EventsModule], controllers: [PageController] })
export class PageModule {}
