import { METRICS } from '@app/contracts';
import { Module } from '@nestjs/common';
import { makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { EventsModule } from '../events/events.module.js';
import { LinkModule } from '../link/link.module.js';
import { IdempotentPosts } from '../idempotency/idempotent.posts.js';
import { AppliedBulk } from './applied.bulk.js';
import { AppliedTrades } from './applied.trades.js';
import { BulkTradesController } from './bulk-trades.controller.js';
import { BulkTradesService } from './bulk-trades.service.js';
import { TradeController } from './trade.controller.js';
import { TradeRefusalFilter } from './trade-refusal.filter.js';
import { TradeRefusals } from './trade.refusals.js';
import { TradesService } from './trades.service.js';

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
