import { TRADE_PATTERN } from '@app/contracts';
import { Push } from 'zeromq';
import type { CurveKeys } from '../../load/secret-files.js';
import type { SinkOutcome, TradeBatch, TradeSink } from './trade-sink.js';

/** How long a send waits for room before it is tried again: the end of a feed must not wait longer. */
const SEND_TIMEOUT_MS = 1000;
const LINGER_MS = 5000;
/** Messages that libzmq holds for a sidecar. They are lost with the connection, so they are few. */
const HIGH_WATER_MARK = 4;

/** Pushes to the sidecar as any producer may: nothing comes back, and what is under way when the sidecar goes is lost. */
export class ZmqSink implements TradeSink {
  private readonly socket: Push;

  constructor(
    readonly address: string,
    keys?: CurveKeys,
  ) {
    this.socket = new Push({
      linger: LINGER_MS,
      sendTimeout: SEND_TIMEOUT_MS,
      sendHighWaterMark: HIGH_WATER_MARK,
      // Only what has a connection is given messages: others wait here, where they are counted.
      immediate: true,
      ...keys,
    });
    this.socket.connect(address);
  }

  async send({ trades }: TradeBatch): Promise<SinkOutcome> {
    const events = trades.map((trade) => ({ type: TRADE_PATTERN, ...trade }));
    try {
      await this.socket.send(JSON.stringify(events));
      return { kind: 'done', accepted: events.length, refused: {}, left: [], waitMs: 0 };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') return { kind: 'later', waitMs: 0, why: 'the sidecar takes nothing' };
      return { kind: 'never', why: message };
    }
  }

  close(): void {
    this.socket.close();
  }
}
