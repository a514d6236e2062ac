import { METRICS } from '@app/contracts';
import { Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { EventsModule } from '../live/live.module.js';
import { LinkModule } from '../publishing/publishing.module.js';
import { IdempotentPosts } from './idempotent-posts.js';
import { AppliedBulk } from './applied.bulk.js';
import { AppliedTrades } from '../publishing/applied-trades.js';
import { BulkTradesController } from './bulk.controller.js';
import { BulkTradesService } from './bulk.service.js';
import { TradeController } from './trade.controller.js';
import { TradeRefusalFilter } from './refusal.filter.js';
import { TradeRefusals } from './refusals.js';
import { TradesService } from '../publishing/trades.service.js';

/** From a posted trade to the client's outbox. */
@Module({
  imports: [LinkModule, EventsModule],
  controllers: [TradeController, BulkTradesController],
  providers: [
    TradesService,
    AppliedTrades,
    AppliedBulk,
    BulkTradesService,
    TradeRefusals,
    TradeRefusalFilter,
    IdempotentPosts,
    makeCounterProvider({
      ...METRICS.idempotentPosts,
      labelNames: [...METRICS.idempotentPosts.labelNames],
    }),
    makeCounterProvider({
      ...METRICS.publisherRefused,
      labelNames: [...METRICS.publisherRefused.labelNames],
    }),
  ],
})
export class TradesModule {}
