import { EventFailedError, type DeliveryFailure } from '../errors.js';
import type { SpooledBatch } from './spool.interface.js';
import type { StagedBatch } from './staged-batch.js';

/** The numbered batches that somebody watches, oldest first. */
export class WatchedBatches {
  private readonly byFirst = new Map<number, StagedBatch>();

  add(staged: StagedBatch, { first }: SpooledBatch): void {
    this.byFirst.set(first, staged);
  }

  onSent(first: number): void {
    this.byFirst.get(first)?.onSent();
  }

  onAcknowledged(sequence: number, failures: readonly DeliveryFailure[]): void {
    const errors = new Map(failures.map((failure) => [failure.sequence, new EventFailedError(failure)]));
    for (const [first, staged] of this.byFirst) {
      if (first > sequence) {
        return;
      }
      if (staged.onAcknowledged(sequence, errors)) {
        this.byFirst.delete(first);
      }
    }
  }

  /** The batch is gone. */
  fail(first: number, error: Error): void {
    const staged = this.byFirst.get(first);
    this.byFirst.delete(first);
    staged?.fail(error);
  }

  /** Somebody else tells who watched it. */
  forget(first: number): void {
    this.byFirst.delete(first);
  }

  failAll(error: Error): void {
    for (const first of this.byFirst.keys()) {
      this.fail(first, error);
    }
  }
}
