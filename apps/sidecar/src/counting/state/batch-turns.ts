import { Injectable } from '@nestjs/common';

/** Handles batches, and lets other work run between two of them. */
export interface BatchHandler {
  runExclusive<T>(work: () => T | Promise<T>): Promise<T>;
}

/**
 * The moments between two acknowledged batches, when the counts agree with the positions of the producers. The server
 * that handles the batches provides them.
 */
@Injectable()
export class BatchTurns {
  private handler: BatchHandler | undefined;

  /** Uses the moments between the batches of this handler. Call it before the first event. */
  follow(handler: BatchHandler): void {
    this.handler = handler;
  }

  /** Runs `work` in the next such moment. It may never come: a batch can hang, and a disk can fail to write. */
  run<T>(work: () => T): Promise<T> {
    if (this.handler === undefined) return Promise.resolve().then(work);
    return this.handler.runExclusive(work);
  }
}
