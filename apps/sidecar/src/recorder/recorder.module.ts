import { Module } from '@nestjs/common';
import { ArrivalTimes } from './arrival.times.js';
import { recorderMetrics } from './recorder.metrics.js';
import { TradeRecorder } from './trade.recorder.js';

/** From valid trades to metrics. */
@Module({
  providers: [ArrivalTimes, TradeRecorder, ...recorderMetrics],
  exports: [TradeRecorder],
})
export class RecorderModule {}
