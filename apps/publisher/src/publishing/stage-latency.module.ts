import { Module } from '@nestjs/common';
import { StageLatency } from './stage.latency.js';

/** Apart from the other metrics, which look at the link: the link itself needs this one. */
@Module({ providers: [StageLatency], exports: [StageLatency] })
export class StageLatencyModule {}
