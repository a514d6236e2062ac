import { Push } from 'zeromq';
import { loadEvent } from './load.event.js';
import type { LoadSender, SendReport } from './load.sender.js';

/** Events in one message at most: larger arrays gain little more. */
const MAX_BATCH_EVENTS = 256;
const LINGER_MS = 10_000;

/**
 * Pushes events to the sidecar as the contract has them on the wire, with a socket of its own: the load is then also a
 * second, independent producer. What is due in one tick travels as one array.
 */
export class ZmqSender implements LoadSender {
  private readonly socket = new Push({ linger: LINGER_MS });
  private readonly errors: Record<string, number> = {};
  private batch: object[] = [];
  private accepted = 0;
  private writing: Promise<void> | undefined;

  constructor(address: string) {
    this.socket.connect(address);
  }

  send(index: number, dueEpochSeconds: number): void {
    const { side, qty } = loadEvent(index);
    this.batch.push({ type: 'trade', side, qty, ts: dueEpochSeconds });
    // One writer: a socket has room for one pending send. It starts after this tick's events are all here.
    this.writing ??= Promise.resolve().then(() => this.write());
  }

  async finish(): Promise<SendReport> {
    await this.writing;
    this.socket.close();
    return { accepted: this.accepted, errors: this.errors, answerLatency: undefined };
  }

  private async write(): Promise<void> {
    while (this.batch.length > 0) {
      const events = this.batch.splice(0, MAX_BATCH_EVENTS);
      try {
        await this.socket.send(JSON.stringify(events.length === 1 ? events[0] : events));
        this.accepted += events.length;
      } catch (error) {
        const kind = error instanceof Error && 'code' in error ? String(error.code) : 'send_failed';
        this.errors[kind] = (this.errors[kind] ?? 0) + events.length;
      }
    }
    this.writing = undefined;
  }
}
