import type { TradeEvent } from '@app/contracts';
import { Logger } from '@nestjs/common';
import { EventRejectedError, type TradeRecorder } from '../counting/trade-recorder.js';
import { type BatchContext, TradesController } from './trades.controller.js';

const trade = (qty: unknown): object => ({ type: 'trade', side: 'buy', qty, ts: 1 });

/** A recorder that rejects the quantity 8 and fails at 9. */
class Recorder implements Pick<TradeRecorder, 'beginBatch' | 'record' | 'endBatch'> {
  readonly begun: (number | undefined)[] = [];
  readonly recorded: [number, number][] = [];
  ends = 0;

  beginBatch(partition: number | undefined): void {
    this.begun.push(partition);
  }

  record({ qty }: TradeEvent, receivedAtSeconds: number): void {
    if (qty === 8) throw new EventRejectedError('volume_overflow', 'too much');
    if (qty === 9) throw new Error('boom');
    this.recorded.push([qty, receivedAtSeconds]);
  }

  endBatch(): void {
    this.ends += 1;
  }
}

/** What the handler said of the events of a batch. */
class Batch implements BatchContext {
  readonly said: unknown[][] = [];

  constructor(
    readonly receivedAtSeconds: number,
    readonly partition: number | undefined = undefined,
  ) {}

  reject(index: number, detail: string, cause?: unknown): void {
    this.said.push(['reject', index, detail, cause]);
  }

  fail(index: number, error: unknown): void {
    this.said.push(['fail', index, error]);
  }
}

const rejected = (message: string, contractReason: string): object => ({
  status: 'error',
  message,
  isRefusedEvent: true,
  contractReason,
});

const FAILED = 'a trade could not be applied; if no retry succeeds, /dead-letters shows it as handler_failed';
const leftOut = (lines: number): string => `left out ${lines} more lines in the second after "${FAILED}"`;

describe('TradesController', () => {
  let recorder: Recorder;
  let controller: TradesController;
  let logged: jest.SpyInstance;

  beforeEach(() => {
    recorder = new Recorder();
    controller = new TradesController(recorder as unknown as TradeRecorder);
    logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
  });

  afterEach(() => {
    jest.useRealTimers();
    logged.mockRestore();
  });

  it('records what keeps the contract, and rejects the rest by its place and with its reason, without a log line', () => {
    const batch = new Batch(5, 3);
    controller.record([trade(1), trade(-1), trade(2), trade(8), null, trade(3)], batch);
    expect(recorder.recorded).toEqual([
      [1, 5],
      [2, 5],
      [3, 5],
    ]);
    expect(batch.said).toEqual([
      ['reject', 1, 'qty must be >= 0', rejected('qty must be >= 0', 'invalid_qty')],
      ['reject', 3, 'too much', rejected('too much', 'volume_overflow')],
      [
        'reject',
        4,
        'the event must be a JSON object',
        rejected('the event must be a JSON object', 'not_an_object'),
      ],
    ]);
    expect([recorder.begun, recorder.ends]).toEqual([[3], 1]);
    expect(logged).not.toHaveBeenCalled();
  });

  it('leaves any other failure to the transport, for that event alone, and logs it at most once a second', () => {
    jest.useFakeTimers();
    for (const stepMs of [0, 200, 700, 200, 1400]) {
      jest.advanceTimersByTime(stepMs);
      const batch = new Batch(10);
      controller.record([trade(1), trade(9), trade(9), trade(2)], batch);
      expect(batch.said).toEqual([
        ['fail', 1, new Error('boom')],
        ['fail', 2, new Error('boom')],
      ]);
    }
    expect(recorder.recorded).toHaveLength(10);
    const lines = logged.mock.calls.map(([message]: [string]) => message);
    expect(lines).toEqual([FAILED, leftOut(5), leftOut(2)]);
  });
});
