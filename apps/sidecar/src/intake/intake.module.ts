import { Module } from '@nestjs/common';
import { RecorderModule } from '../recorder/recorder.module.js';
import { TradesController } from './trades.controller.js';

/** From the transport to the recorder. */
@Module({ imports: [RecorderModule], controllers: [TradesController] })
export class IntakeModule {}
