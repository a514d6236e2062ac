import { Push } from 'zeromq';
import type { PlannedTrade } from '../plan/trade-plan.js';
import type { CurveKeys } from '../secret-files.js';
import type { DueTime, LoadSender, SendReport } from './load-sender.js';

/** Events in one message at most: larger arrays gain little more. */
const MAX_BATCH_EVENTS = 256;
const LINGER_MS = 10_000;
/** A peer that takes nothing for this long is gone: without a limit the run would never end. */
const SEND_TIMEOUT_MS = 10_000;

/**
 * Pushes events to the sidecar as the contract has them on the wire, with its own socket: the load is then also a second,
 * independent producer. Events that are due in one tick travel as one array.
 */
export class ZmqSender implements LoadSender {
  private readonly socket: Push;
  private errors: Record<string, number> = {};
  private batch: object[] = [];
  private accepted = 0;
  private inSend = 0;
  private writing: Promise<void> | undefined;

  constructor(address: string, keys?: CurveKeys) {
    this.socket = new Push({ linger: LINGER_MS, sendTimeout: SEND_TIMEOUT_MS, ...keys });
    this.socket.connect(address);
  }

  get underWay(): number {
    return this.batch.length + this.inSend;
  }

  /** A socket that takes nothing now may take something later. */
  get isHopeless(): boolean {
    return false;
  }

  send({ side, qty, symbol, price }: PlannedTrade, { epochSeconds }: DueTime): void {
    this.batch.push({ type: 'trade', side, qty, ts: epochSeconds, symbol, price });
    // One writer: a socket has room for one pending send. It starts after this tick's events are all here.
    this.writing ??= Promise.resolve().then(() => this.write());
  }

  async settle(): Promise<SendReport> {
    await this.writing;
    const { accepted, errors } = this;
    const report = { accepted, errors, explanations: {}, answerLatency: undefined };
    this.accepted = 0;
    this.errors = {};
    return report;
  }

  close(): void {
    this.socket.close();
  }

  private async write(): Promise<void> {
    while (this.batch.length > 0) {
      const events = this.batch.splice(0, MAX_BATCH_EVENTS);
      this.inSend = events.length;
      try {
        await this.socket.send(JSON.stringify(events.length === 1 ? events[0] : events));
        this.accepted += events.length;
      } catch (error) {
        const kind = error instanceof Error && 'code' in error ? String(error.code) : 'send_failed';
        // Events that came in meanwhile have waited too: with a timeout for each message the run would not end.
        const failed = events.length + this.batch.splice(0).length;
        this.errors[kind] = (this.errors[kind] ?? 0) + failed;
      }
      this.inSend = 0;
    }
    this.writing = undefined;
  }
}
