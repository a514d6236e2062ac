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
