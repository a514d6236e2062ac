import { Module } from '@nestjs/common';
import { AnalyticsModule } from '../analytics/analytics.module.js';
import { RecorderModule } from '../recorder/recorder.module.js';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { LiveStatistics } from './live.statistics.js';
import { LiveStream } from './live.stream.js';
import { StreamController } from './stream.controller.js';
import { streamMetrics } from './stream.metrics.js';

/** `GET /stream`. */
@Module({
  imports: [AnalyticsModule, RecorderModule, RejectionsModule],
  controllers: [StreamController],
  providers: [LiveStatistics, LiveStream, ...streamMetrics],
})
export class StreamModule {}
