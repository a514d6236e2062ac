import { Module } from '@nestjs/common';
import { AnalyticsModule } from '../analytics/analytics.module.js';
import { RecorderModule } from '../recorder/recorder.module.js';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { LiveStatistics } from './live.statistics.js';
import { LiveStream } from './live.stream.js';
import { StreamController } from './stream.controller.js';
import { GateMetrics, StreamMetrics } from './stream.metrics.js';

/** `GET /stream`. */
@Module({
  imports: [AnalyticsModule, RecorderModule, RejectionsModule],
  controllers: [StreamController],
  providers: [LiveStatistics, LiveStream, GateMetrics, StreamMetrics],
})
export class StreamModule {}
