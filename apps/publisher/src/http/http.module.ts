import { METRICS } from '@app/contracts';
import { Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { LiveModule } from '../live/live.module.js';
import { PublishingModule } from '../publishing/publishing.module.js';
import { BulkController } from './bulk.controller.js';
import { BulkService } from './bulk.service.js';
import { DemoController } from './demo.controller.js';
import { DemoService } from './demo.service.js';
import { IdempotentPosts } from './idempotent-posts.js';
import { PlainController, PlainPage } from './plain-page.js';
import { RefusalFilter } from './refusal.filter.js';
import { Refusals } from './refusals.js';
import { TradeController } from './trade.controller.js';
import { TypedEventsController } from './typed-events.controller.js';

/** What people and programs post to: one trade, many trades, the plain form, the demo. */
@Module({
  imports: [PublishingModule, LiveModule],
  controllers: [TradeController, BulkController, TypedEventsController, DemoController, PlainController],
  providers: [
    BulkService,
    DemoService,
    Refusals,
    RefusalFilter,
    IdempotentPosts,
    PlainPage,
    makeCounterProvider({ ...METRICS.idempotentPosts, labelNames: [...METRICS.idempotentPosts.labelNames] }),
    makeCounterProvider({
      ...METRICS.publisherRefused,
      labelNames: [...METRICS.publisherRefused.labelNames],
    }),
  ],
  exports: [PlainPage],
})
export class HttpModule {}
