import { type HandlerRegistry, wrongFrameCount } from '@app/transport-core';
import { MissedEvents, TOPIC_HEADER_BYTES } from '../../wire/topic-header.js';
import type { GatheringIntake } from './intake.js';
import type { PayloadIntake } from './payload.intake.js';

/**
 * PUB/SUB: topic, header, payload. The header may be missing (any PUB socket can send `[topic, payload]`); then what
 * was missed cannot be counted.
 */
export class SubscribeIntake implements GatheringIntake {
  private readonly missed = new MissedEvents();

  constructor(
    private readonly payload: PayloadIntake,
    private readonly handlers: HandlerRegistry,
    private readonly onMissed: (events: number) => void,
  ) {}

  gather(frames: readonly Buffer[], receivedAtSeconds: number): boolean {
    const [topicFrame, header] = frames;
    const payload = frames.at(-1);
    if (topicFrame === undefined || header === undefined || payload === undefined || frames.length > 3) {
      this.payload.refuse(wrongFrameCount('2 or 3 frames', frames.length, topicFrame), receivedAtSeconds);
      return true;
    }
    const topic = topicFrame.toString();
    const { handler, batchHandler } = this.handlers.find(topic);
    if (handler === undefined && batchHandler === undefined) {
      // Subscriptions are prefixes: one for "trade" also brings "trades", which nobody here asked for.
      return true;
    }
    const values = this.payload.read(payload, receivedAtSeconds);
    if (values === undefined) {
      return true;
    }
    if (frames.length === 3 && header.length === TOPIC_HEADER_BYTES) {
      this.onMissed(this.missed.note(topic, header, values.length));
    }
    return this.payload.keep(values, payload.length);
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
