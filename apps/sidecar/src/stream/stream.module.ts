import { Module } from '@nestjs/common';
import { RecorderModule } from '../recorder/recorder.module.js';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { LiveStream } from './live.stream.js';
import { StreamController } from './stream.controller.js';
import { streamMetrics } from './stream.metrics.js';

/** `GET /stream`. */
@Module({
  imports: [RecorderModule, RejectionsModule],
  controllers: [StreamController],
  providers: [LiveStream, ...streamMetrics],
})
export class StreamModule {}
