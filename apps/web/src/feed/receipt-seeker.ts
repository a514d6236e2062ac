import { ProblemError } from '../net/problem-error.js';
import type { Tape } from '../tape/tape-model.js';
import type { Receipt } from './feed-items.js';
import { fetchMissedReceipts } from './receipt-catch-up.js';

const FIRST_PAUSE_SECONDS = 2;
const LONGEST_PAUSE_SECONDS = 30;
/** What a healthy stream tells within this time is not asked for. */
const STREAM_FIRST_SECONDS = 2;

/** What a seeker wants to know of its moment. */
export interface SeekMoment {
  readonly nowSeconds: number;
  /** True while the whole way is open and nothing waits in a queue. */
  readonly isSettled: boolean;
}

/**
 * Asks the sidecar's memory for the receipts of rows that its stream did not complete: those of a burst, of which the
 * stream shows a part, and those that arrived while the stream was broken.
 */
export class ReceiptSeeker {
  /** Since when the way is open and the queue empty, in unix epoch seconds: nothing is late before. */
  settledAtSeconds = 0;
  /** Why the sidecar could not be asked last time; undefined when it could. */
  fault: string | undefined;
  private wasSettled = false;
  private isAsking = false;
  private nextSeconds = 0;
  private pauseSeconds = FIRST_PAUSE_SECONDS;

  /** @param fetchReceipts rejects with ProblemError when the sidecar cannot be asked */
  constructor(
    private readonly tape: Tape,
    private readonly fetchReceipts: (seconds: number) => Promise<Receipt[]> = fetchMissedReceipts,
  ) {}

  /** Call it about once a second. True when rows may have changed; never rejects because of the network. */
  async tick({ nowSeconds, isSettled }: SeekMoment): Promise<boolean> {
    if (isSettled && !this.wasSettled) this.settle(nowSeconds);
    this.wasSettled = isSettled;
    if (!isSettled || this.isAsking || nowSeconds < this.nextSeconds) return false;
    const oldest = this.tape.oldestSoughtSeconds;
    if (oldest === undefined || nowSeconds - oldest < STREAM_FIRST_SECONDS) return false;
    this.isAsking = true;
    await this.seek(oldest, nowSeconds);
    this.isAsking = false;
    return true;
  }

  private settle(nowSeconds: number): void {
    this.settledAtSeconds = nowSeconds;
    this.nextSeconds = nowSeconds;
    this.pauseSeconds = FIRST_PAUSE_SECONDS;
  }

  private async seek(oldest: number, nowSeconds: number): Promise<void> {
    try {
      for (const receipt of await this.fetchReceipts(nowSeconds - oldest + 1)) {
        this.tape.receivedMeanwhile(receipt);
      }
      this.tape.soughtUpTo(nowSeconds);
      this.fault = undefined;
      this.pauseSeconds = FIRST_PAUSE_SECONDS;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.fault = error.message;
      this.pauseSeconds = Math.min(LONGEST_PAUSE_SECONDS, this.pauseSeconds * 2);
    }
    this.nextSeconds = nowSeconds + this.pauseSeconds;
  }
}
