import { checkTrade, type RejectionReason, TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { type BatchTrace, TELEMETRY, type Telemetry, ThrottledLog } from '@app/service-kit';
import { BatchEventPattern, type ZmqBatchContext } from '@app/zmq-transport';
import { Controller, Inject, Logger, Optional } from '@nestjs/common';
import { Ctx, Payload } from '@nestjs/microservices';
import { EventRejectedError, TradeRecorder } from '../counting/trade-recorder.js';
import { rejectedEvent } from './rejections/rejections.service.js';

/** What this handler needs of the transport's context. It is a type, so that no pipe tries to validate it. */
export type BatchContext = Pick<ZmqBatchContext, 'fail' | 'partition' | 'receivedAtSeconds' | 'reject'>;

/** Where trades enter the sidecar: those that arrived together, in one call. */
@Controller()
export class TradesController {
  /** A fault that hits every event must not write a log line for every event. */
  private readonly log = new ThrottledLog(new Logger(TradesController.name));

  constructor(
    private readonly recorder: TradeRecorder,
    @Optional() @Inject(TELEMETRY) private readonly telemetry?: Telemetry,
  ) {}

  @BatchEventPattern(TRADE_PATTERN)
  record(@Payload() events: readonly unknown[], @Ctx() batch: BatchContext): void {
    const trace = this.telemetry?.batches?.begin(events, batch, TRADE_PATTERN);
    try {
      this.apply(events, batch, trace);
    } finally {
      trace?.end();
    }
  }

  private apply(events: readonly unknown[], batch: BatchContext, trace: BatchTrace | undefined): void {
    const { partition, receivedAtSeconds } = batch;
    this.recorder.beginBatch(partition);
    for (let index = 0; index < events.length; index += 1) {
      const event = events[index];
      const violation = checkTrade(event);
      if (violation) {
        this.reject(index, violation, batch);
        trace?.fault(violation.reason);
        continue;
      }
      try {
        this.recorder.record(event as TradeEvent, receivedAtSeconds);
      } catch (error) {
        this.onError(index, error, batch);
        trace?.fault(error instanceof EventRejectedError ? error.reason : 'handler_failed');
      }
    }
    this.recorder.endBatch();
  }

  /** The transport does not retry the event. It reports it once, and the report is counted as a rejection. */
  private reject(
    index: number,
    { reason, message }: { readonly reason: RejectionReason; readonly message: string },
    batch: BatchContext,
  ): void {
    batch.reject(index, message, rejectedEvent(reason, message));
  }

  /**
   * An error other than a rejection may be transient: with acknowledged delivery the transport retries the event. It
   * reports the event if that fails, or at once.
   */
  private onError(index: number, error: unknown, batch: BatchContext): void {
    if (error instanceof EventRejectedError) {
      this.reject(index, error, batch);
      return;
    }
    batch.fail(index, error);
    this.log.error(
      'a trade could not be applied; if no retry succeeds, /dead-letters shows it as handler_failed',
      error,
    );
  }
}
