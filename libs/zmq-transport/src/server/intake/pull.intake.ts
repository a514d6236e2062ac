import { wrongFrameCount } from '@app/transport-core';
import type { GatheringIntake } from './intake.js';
import type { PayloadIntake } from './payload.intake.js';

/** PUSH/PULL: one frame, the payload. */
export class PullIntake implements GatheringIntake {
  constructor(private readonly payload: PayloadIntake) {}

  gather(frames: readonly Buffer[], receivedAtSeconds: number): boolean {
    const [frame] = frames;
    if (frame === undefined || frames.length !== 1) {
      this.payload.refuse(wrongFrameCount('1 frame', frames.length, frame), receivedAtSeconds);
      return true;
    }
    const values = this.payload.read(frame, receivedAtSeconds);
    return values === undefined || this.payload.keep(values, frame.length);
  }

  dispatch(receivedAtSeconds: number): Promise<void> | undefined {
    return this.payload.dispatchTogether(receivedAtSeconds);
  }

  isBeat(): boolean {
    return false;
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }
}
