import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** Lets long work go on in slices, one slice a turn of the event loop over all that is under way. */
@Injectable()
export class TurnQueue {
  private last: Promise<void> = Promise.resolve();

  /** Resolves in a turn of its own: do one slice of work then, and do not wait in it. */
  next(): Promise<void> {
    this.last = this.last.then(() => nextTurn());
    return this.last;
  }
}
