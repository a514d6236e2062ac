import { TradeFrame } from './trade.frame.js';
import { TurnQueue } from './turn.queue.js';

/** Rows looked at in one turn of the event loop: about a millisecond of work. */
const ROWS_PER_TURN = 16_384;

/** The rows of a question, and whether they are all that was received in its time. */
export interface FrameScan {
  /** Rows looked at. */
  readonly rows: number;
  /** False when the frame no longer has all trades of the time asked for. */
  readonly complete: boolean;
}

/**
 * Shows the rows received since a time to `visit`, oldest first, up to the newest at the call. Between slices trades go on
 * coming in; rows they overwrite before they were visited are left out, and the scan is not complete. It ends early when `isWanted` says that nobody waits for it any more.
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
  // When even the oldest row is of the time asked for, those before it may have been as well.
  let complete = frame.first === 0 || row > frame.first;
  let rows = 0;
  while (row < end) {
    await turns.next();
    // Whoever asked has left: what was found so far is read by nobody.
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
