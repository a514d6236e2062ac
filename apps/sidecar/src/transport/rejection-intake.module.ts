import { Module } from '@nestjs/common';
import { RejectionsModule } from '../rejections/rejections.module.js';
import { RejectionIntake } from './rejection.intake.js';

/** Apart from the transport, which is made with it. */
@Module({ imports: [RejectionsModule], providers: [RejectionIntake], exports: [RejectionIntake] })
export class RejectionIntakeModule {}
