import { Module } from '@nestjs/common';
import { RecorderModule } from '../recorder/recorder.module.js';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { StateModule } from '../state/state.module.js';
import { TransportModule } from '../transport/transport.module.js';
import { LetterReplaysController } from './letter-replays.controller.js';
import { LetterReplayer } from './letter.replayer.js';

/** `POST /dead-letters/:id/replay`. */
@Module({
  imports: [RecorderModule, RejectionsModule, StateModule, TransportModule],
  controllers: [LetterReplaysController],
  providers: [LetterReplayer],
})
export class ReplaysModule {}
