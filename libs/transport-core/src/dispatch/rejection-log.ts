import type { LoggerService } from '@nestjs/common';
import { ThrottledLog } from '../throttled-log.js';
import {
  REJECTED_MESSAGE_REASONS,
  type RejectedMessage,
  type RejectedMessageReason,
} from './rejected-message.js';

/** Counts rejections by reason and passes them on; where nobody listens it logs them, at most one a second for each reason. */
export class RejectionLog {
  private readonly counts = Object.fromEntries(
    REJECTED_MESSAGE_REASONS.map((reason) => [reason, 0]),
  ) as Record<RejectedMessageReason, number>;
  private readonly logs: Record<RejectedMessageReason, ThrottledLog>;
  private readonly observerLog: ThrottledLog;

  constructor(
    logger: LoggerService,
    private readonly onRejected: ((rejected: RejectedMessage) => void) | undefined,
  ) {
    this.logs = Object.fromEntries(
      REJECTED_MESSAGE_REASONS.map((reason) => [reason, new ThrottledLog(logger)]),
    ) as Record<RejectedMessageReason, ThrottledLog>;
    this.observerLog = new ThrottledLog(logger);
  }

  get rejected(): Readonly<Record<RejectedMessageReason, number>> {
    return { ...this.counts };
  }

  add(rejected: RejectedMessage): void {
    this.counts[rejected.reason] += 1;
    if (this.onRejected === undefined) {
      const { reason, detail } = rejected;
      this.logs[reason].warn(`rejected (${reason}, ${this.counts[reason]} so far): ${detail}`);
      return;
    }
    try {
      this.onRejected(rejected);
    } catch (error) {
      // The loop must outlive its observer.
      this.observerLog.error('onRejected threw', error);
    }
  }
}
