import type { DeliveryLedger, DeliveryPosition } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { StateWriter } from './state-writer.js';
import { TradeState } from './trade-state.js';

/** Keeps the positions of acknowledged delivery in one transaction with the counts they belong to. */
@Injectable()
export class TradeLedger implements DeliveryLedger {
  constructor(
    private readonly state: TradeState,
    private readonly writer: StateWriter,
  ) {}

  load(): readonly DeliveryPosition[] {
    return this.state.positions;
  }

  commit(position: DeliveryPosition): Promise<void> {
    this.state.takeBatch(position);
    return this.writer.flush();
  }

  /** The next write removes it. A restart before that restores a position that no producer uses. */
  forget(producer: string): void {
    this.state.forget(producer);
  }
}

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
