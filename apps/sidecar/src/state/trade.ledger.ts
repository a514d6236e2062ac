import type { DeliveryLedger, DeliveryPosition } from '@app/zmq-transport';
import { Injectable } from '@nestjs/common';
import { StateWriter } from './state.writer.js';
import { TradeState } from './trade.state.js';

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

  /** On the disk with the next write: until then a restart brings back a position that nobody asks for. */
  forget(producer: string): void {
    this.state.forget(producer);
  }
}
