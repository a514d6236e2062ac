import { checkTrade, TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { ThrottledLog } from '@app/service-kit';
import { BatchEventPattern } from '@app/zmq-transport';
import { Controller, Logger } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { TradeRecorder } from '../recorder/trade.recorder.js';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import type { ReceivedBatch } from './received-batch.js';
import { refusedTrade } from './refused.event.js';

/** Where trades enter the sidecar: what came together, in one call. */
@Controller()
export class TradesController {
  /** A fault that hits every event must not write a log line for every event. */
  private readonly log = new ThrottledLog(new Logger(TradesController.name));

  constructor(private readonly recorder: TradeRecorder) {}

  @BatchEventPattern(TRADE_PATTERN)
  record(@Payload() events: readonly unknown[], @Ctx() batch: ReceivedBatch): void {
    const { receivedAtSeconds } = batch;
    for (let index = 0; index < events.length; index += 1) {
      const event = events[index];
      const violation = checkTrade(event);
      if (violation) {
        this.refuse(index, new EventRefusedError(violation.reason, violation.message), batch);
        continue;
      }
      try {
        this.recorder.record(event as TradeEvent, receivedAtSeconds);
      } catch (error) {
        this.onFailed(index, error, batch);
      }
    }
    this.recorder.endBatch();
  }

  /** It is neither tried again nor forgotten: the transport reports it, once, and the report is where it is counted. */
  private refuse(index: number, error: EventRefusedError, batch: ReceivedBatch): void {
    batch.reject(index, error.message, refusedTrade(error));
  }

  /** Anything but a refusal may be over by the next try: the transport tries it again, and reports it when it gives up. */
  private onFailed(index: number, error: unknown, batch: ReceivedBatch): void {
    if (error instanceof EventRefusedError) {
      this.refuse(index, error, batch);
      return;
    }
    batch.fail(index, error);
    this.log.error('a trade could not be applied', error);
  }
}
