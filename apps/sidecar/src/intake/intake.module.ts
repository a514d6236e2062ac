import { Module } from '@nestjs/common';
import { CountingModule } from '../counting/counting.module.js';
import { DeadLettersController } from './rejections/dead-letters.controller.js';
import { LetterReplayer } from './rejections/letter-replayer.js';
import { RejectionsService } from './rejections/rejections.service.js';
import { TradesController } from './trades.controller.js';

/** Takes events in: valid trades go to the recorder, everything else becomes a dead letter. */
@Module({
  imports: [CountingModule],
  controllers: [TradesController, DeadLettersController],
  providers: [RejectionsService, LetterReplayer],
  exports: [RejectionsService],
})
export class IntakeModule {}
