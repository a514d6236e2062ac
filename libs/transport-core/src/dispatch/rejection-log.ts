import type { LoggerService } from '@nestjs/common';
import {
  REJECTED_MESSAGE_REASONS,
  type RejectedMessage,
  type RejectedMessageReason,
} from './rejected-message.js';

const LOG_INTERVAL_SECONDS = 1;

/** Counts rejections by reason and passes them on; where nobody listens it logs them, at most one a second for each reason. */
export class RejectionLog {
  private readonly counts = Object.fromEntries(
    REJECTED_MESSAGE_REASONS.map((reason) => [reason, 0]),
  ) as Record<RejectedMessageReason, number>;
  private readonly lastLoggedSeconds = new Map<RejectedMessageReason, number>();

  constructor(
    private readonly logger: LoggerService,
    private readonly onRejected: ((rejected: RejectedMessage) => void) | undefined,
  ) {}

  get rejected(): Readonly<Record<RejectedMessageReason, number>> {
    return { ...this.counts };
  }

  add(rejected: RejectedMessage): void {
    this.counts[rejected.reason] += 1;
    if (this.onRejected === undefined) {
      this.log(rejected);
      return;
    }
    try {
      this.onRejected(rejected);
    } catch (error) {
      // The loop must outlive its observer.
      this.logger.error('onRejected threw', error);
    }
  }

  private log({ reason, detail, receivedAtSeconds }: RejectedMessage): void {
    const last = this.lastLoggedSeconds.get(reason) ?? Number.NEGATIVE_INFINITY;
    if (receivedAtSeconds - last >= LOG_INTERVAL_SECONDS) {
      this.lastLoggedSeconds.set(reason, receivedAtSeconds);
      this.logger.warn(`rejected (${reason}, ${this.counts[reason]} so far): ${detail}`);
    }
  }
}
