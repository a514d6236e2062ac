import { Module } from '@nestjs/common';
import { AnalyticsModule } from '../analytics.module.js';
import { TurnQueue } from '../frame/turn.queue.js';
import { AnalyticsController } from './analytics.controller.js';
import { FrameQuestions } from './frame.questions.js';
import { TradeExport } from './trade.export.js';

/** `GET /analytics/…`. */
@Module({
  imports: [AnalyticsModule],
  controllers: [AnalyticsController],
  providers: [TurnQueue, FrameQuestions, TradeExport],
})
export class QueriesModule {}
