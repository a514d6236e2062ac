import { TRADE_PATTERN } from '@app/contracts';
import { Controller, UseFilters } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { TradeRecorder } from '../recorder/trade.recorder.js';
import { ContractPipe } from './contract.pipe.js';
import { IntakeFilter } from './intake.filter.js';
import type { Receipt, ReceivedTrade } from './received-trade.js';

/** Where trades enter the sidecar. */
@Controller()
@UseFilters(IntakeFilter)
export class TradesController {
  constructor(private readonly recorder: TradeRecorder) {}

  // <string>: by a literal alone TypeScript takes the overload for typed event maps.
  @EventPattern<string>(TRADE_PATTERN)
  record(@Payload(ContractPipe) trade: ReceivedTrade, @Ctx() receipt: Receipt): void {
    this.recorder.record(trade, receipt.receivedAtSeconds);
  }
}
