import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsProgram } from '../../testing/nats.js';

const TICK_MS = 10;
/** Half of them buys, half sells. */
export const MESSAGE_EVENTS = 10;

function message(): object[] {
  const ts = Date.now() / 1000;
  return Array.from({ length: MESSAGE_EVENTS }, (_, index) => ({
    type: 'trade',
    side: index % 2 === 0 ? 'buy' : 'sell',
    qty: 1,
    ts,
  }));
}

/** Publishes trades at an even rate, to all partitions in turn, whatever happens to the sidecars. */
export class SteadyLoad {
  /** Events by partition that were given to the broker. */
  private readonly sent: number[];
  private readonly unanswered = new Set<Promise<void>>();
  private running = Promise.resolve();
  private failure: unknown;
  private isWanted = true;

  constructor(
    private readonly program: NatsProgram,
    private readonly eventsPerSecond: number,
    private readonly partitions: number,
  ) {
    this.sent = Array.from({ length: partitions }, () => 0);
  }

  get total(): number {
    return this.sent.reduce((sum, events) => sum + events, 0);
  }

  sentTo(partition: number): number {
    return this.sent[partition] ?? 0;
  }

  start(): void {
    this.running = this.run();
    // Whoever waits during the load, or stops it, hears of it.
    this.running.catch(() => undefined);
  }

  /** Waits while it runs. @throws when the broker did not take an event */
  async during(ms: number): Promise<void> {
    await Promise.race([this.running, sleep(ms)]);
  }

  /** Returns when the broker has all. @throws when it did not take one */
  async stop(): Promise<void> {
    this.isWanted = false;
    await this.running;
  }

  private async run(): Promise<void> {
    const startMs = performance.now();
    for (let messages = 0; this.isWanted;) {
      const dueEvents = ((performance.now() - startMs) / 1000) * this.eventsPerSecond;
      for (; (messages + 1) * MESSAGE_EVENTS <= dueEvents; messages += 1)
        this.publish(messages % this.partitions);
      await sleep(TICK_MS);
      if (this.failure !== undefined) throw this.failure;
    }
    await Promise.all(this.unanswered);
    if (this.failure !== undefined) throw this.failure;
  }

  private publish(partition: number): void {
    this.sent[partition] = this.sentTo(partition) + MESSAGE_EVENTS;
    const answered = this.program
      .publish(`trades.${partition}`, message())
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => this.unanswered.delete(answered));
    this.unanswered.add(answered);
  }
}
