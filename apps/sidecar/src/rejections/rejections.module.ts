import { Module } from '@nestjs/common';
import { SidecarConfig } from '../config/sidecar.config.js';
import { DeadLetterRing } from './dead-letter.ring.js';
import { rejectionMetrics } from './rejections.metrics.js';
import { ReplayTally } from './replay.tally.js';
import { RejectionsService } from './rejections.service.js';

/** Everything that was not applied: counted and kept. */
@Module({
  providers: [
    {
      provide: DeadLetterRing,
      inject: [SidecarConfig],
      useFactory: (config: SidecarConfig) =>
        new DeadLetterRing({
          maxCount: config.DEAD_LETTER_MAX_COUNT,
          maxBytes: config.DEAD_LETTER_MAX_BYTES,
        }),
    },
    RejectionsService,
    ReplayTally,
    ...rejectionMetrics,
  ],
  exports: [DeadLetterRing, RejectionsService, ReplayTally],
})
export class RejectionsModule {}
