import { wrongFrameCount } from '@app/transport-core';
import type { Intake } from './intake.js';
import type { PayloadIntake } from './payload.intake.js';

/** PUSH/PULL: one frame, the payload. */
export class PullIntake implements Intake {
  constructor(private readonly payload: PayloadIntake) {}

  accept(frames: readonly Buffer[], receivedAtSeconds: number): Promise<void> | undefined {
    const [frame] = frames;
    if (frame === undefined || frames.length !== 1) {
      return this.payload.refuse(wrongFrameCount('1 frame', frames.length, frame), receivedAtSeconds);
    }
    return this.payload.accept(frame, receivedAtSeconds);
  }

  isBeat(): boolean {
    return false;
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }
}
