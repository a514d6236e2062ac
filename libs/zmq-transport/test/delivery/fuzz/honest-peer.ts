import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { ZmqClient, type ZmqServer } from '../../../src/index.js';
import { until } from '../../harness/until.js';

/** Nobody but an honest client knows it: what carries it is not the fuzzer's. */
const SECRET = 'this event is honest';

/** An honest client of a server that others send garbage to: all its events have to be applied once, its answers right. */
export class HonestPeer {
  private readonly applied: number[] = [];
  private emitted = 0;
  private asked = 0;
  private wrongAnswers = 0;
  private failedRequests = 0;
  private pendingRequests = 0;
  private readonly client: ZmqClient;

  constructor(address: string) {
    this.client = new ZmqClient({
      pair: 'dealer-router',
      connect: address,
      delivery: { mode: 'acknowledged', producerId: 'honest', overflow: 'block' },
      reconnectIntervalMs: 10,
      lingerMs: 0,
    });
  }

  /** Adds the handlers that an honest client wants. */
  static handlersOf(server: ZmqServer, peer: () => HonestPeer | undefined): void {
    server.addHandler('honest', async (data: { n: number; secret: string }) => peer()?.apply(data), true);
    server.addHandler('echo', async (data: unknown) => data, false);
    server.addHandler(
      'noise',
      async (data: unknown) => {
        if (data === 'fail') throw new Error('it was told to');
        // Some take their time, so that windows and queues fill.
        if (typeof data === 'number' && data % 20 === 0) await delay(20);
      },
      true,
    );
  }

  connect(): Promise<void> {
    return this.client.connect();
  }

  /** Sends some more, now. */
  speak(): void {
    for (let n = 0; n < 5; n += 1) {
      this.emitted += 1;
      this.client.emit('honest', { n: this.emitted, secret: SECRET });
    }
    if (this.pendingRequests < 20) {
      void this.ask();
    }
  }

  /** Waits until all is applied and answered. @returns what went wrong and what did not */
  async outcome(): Promise<{
    readonly emitted: number;
    readonly applied: number;
    readonly twice: number;
    readonly missing: number;
    readonly asked: number;
    readonly wrongAnswers: number;
    readonly failedRequests: number;
  }> {
    await until(
      () => this.client.stats().delivery?.unacknowledgedEvents === 0 && this.pendingRequests === 0,
      60_000,
    );
    const distinct = new Set(this.applied).size;
    return {
      emitted: this.emitted,
      applied: this.applied.length,
      twice: this.applied.length - distinct,
      missing: this.emitted - distinct,
      asked: this.asked,
      wrongAnswers: this.wrongAnswers,
      failedRequests: this.failedRequests,
    };
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  private apply({ n, secret }: { n: number; secret: string }): void {
    if (secret === SECRET) {
      this.applied.push(n);
    }
  }

  private async ask(): Promise<void> {
    this.asked += 1;
    this.pendingRequests += 1;
    const question = `question ${this.asked}`;
    try {
      const answer = await lastValueFrom(this.client.send<string>('echo', question));
      this.wrongAnswers += answer === question ? 0 : 1;
    } catch {
      this.failedRequests += 1;
    }
    this.pendingRequests -= 1;
  }
}
