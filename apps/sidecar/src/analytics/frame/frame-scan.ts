import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { TradeFrame } from './trade-frame.js';

/** Rows visited in one turn of the event loop: about a millisecond of work. */
const ROWS_PER_TURN = 16_384;

/** Splits long work into slices: one slice a turn of the event loop, for all work under way together. */
@Injectable()
export class TurnQueue {
  private last: Promise<void> = Promise.resolve();

  /** Resolves in a turn of its own. Do one slice of work then, without waiting in it. */
  next(): Promise<void> {
    this.last = this.last.then(() => nextTurn());
    return this.last;
  }
}

/** The rows of a question, and whether they are all that was received in its time. */
export interface FrameScan {
  /** Rows visited. */
  readonly rows: number;
  /** False when the frame no longer has all trades of the time asked for. */
  readonly complete: boolean;
}

/**
 * Gives `visit` the rows received since a time, oldest first, up to the newest at the call. Trades keep coming in between
 * the slices. The scan skips rows that they overwrite before its visit, and is not complete then. It ends early when
 * `isWanted` says that nobody waits for it any more.
 */
export async function scanFrame(
  frame: TradeFrame,
  turns: TurnQueue,
  sinceSeconds: number,
  visit: (row: number) => void,
  isWanted: () => boolean = () => true,
): Promise<FrameScan> {
  const end = frame.end;
  let row = frame.firstSince(sinceSeconds);
  // When the oldest row belongs to that time, rows before it may have belonged to it as well.
  let complete = frame.first === 0 || row > frame.first;
  let rows = 0;
  while (row < end) {
    await turns.next();
    // The client has left: nobody reads what was found so far.
    if (!isWanted()) return { rows, complete: false };
    if (frame.first > row) {
      row = frame.first;
      complete = false;
    }
    const sliceEnd = Math.min(end, row + ROWS_PER_TURN);
    rows += Math.max(0, sliceEnd - row);
    for (; row < sliceEnd; row += 1) visit(row);
  }
  return { rows, complete };
}
