import { Module } from '@nestjs/common';
import { RecorderModule } from '../recorder/recorder.module.js';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { StateModule } from '../state/state.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { LetterReplayer } from './letter.replayer.js';

/** `/dead-letters`, and the replay of one. */
@Module({
  imports: [RecorderModule, RejectionsModule, StateModule, TransportModule],
  controllers: [DeadLettersController],
  providers: [LetterReplayer],
})
export class ReplaysModule {}
