import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsProgram } from '../../testing/nats.js';

const TICK_MS = 10;
/** Events of a post: half of them buys, half sells. */
const POST_EVENTS = 10;
/** So many posts may wait for their answer: a publisher that answers none is a fault, and no reason to pile up. */
const MOST_UNANSWERED = 5_000;
/** A mark is a trade of this quantity: all others are whole numbers, so that the fraction of a volume tells its marks. */
const MARK_QTY = 2 ** -10;

/** How many marks this volume of whole trades and marks has. */
export const marksIn = (volume: number): number => (volume % 1) / MARK_QTY;

/** Posts trades to a publisher at an even rate, whatever happens to the sidecars; a foreign program marks partitions. */
export class SteadyLoad {
  private readonly marks: number[] = [];
  private readonly unanswered = new Set<Promise<void>>();
  private posted = 0;
  private running = Promise.resolve();
  private failure: unknown;
  private isWanted = true;

  constructor(
    private readonly publisherUrl: string,
    private readonly program: NatsProgram,
    private readonly eventsPerSecond: number,
  ) {}

  /** Events so far. */
  get total(): number {
    return this.marks.reduce((sum, marks) => sum + marks, this.posted);
  }

  /** Publishes a trade that is known again, behind all that the broker has of the partition. @returns the marks so far */
  async mark(partition: number): Promise<number> {
    const marks = (this.marks[partition] ?? 0) + 1;
    this.marks[partition] = marks;
    const mark = { type: 'trade', side: 'buy', qty: MARK_QTY, ts: Date.now() / 1000 };
    await this.program.publish(`trades.${partition}`, mark);
    return marks;
  }

  start(): void {
    this.running = this.run();
    // Whoever waits during the load, or stops it, hears of it.
    this.running.catch(() => undefined);
  }

  /** Waits while it runs. @throws when the publisher did not take a post */
  async during(ms: number): Promise<void> {
    await Promise.race([this.running, sleep(ms)]);
  }

  /** Returns when the publisher has taken all. @throws when it did not take one */
  async stop(): Promise<void> {
    this.isWanted = false;
    await this.running;
  }

  private async run(): Promise<void> {
    const startMs = performance.now();
    for (let posts = 0; this.isWanted;) {
      const dueEvents = ((performance.now() - startMs) / 1000) * this.eventsPerSecond;
      for (; (posts + 1) * POST_EVENTS <= dueEvents; posts += 1) this.post();
      await sleep(TICK_MS);
      if (this.unanswered.size > MOST_UNANSWERED) throw new Error('the publisher does not answer');
      if (this.failure !== undefined) throw this.failure;
    }
    await Promise.all(this.unanswered);
    if (this.failure !== undefined) throw this.failure;
  }

  private post(): void {
    const trades = Array.from({ length: POST_EVENTS }, (_, index) => ({
      side: index % 2 === 0 ? 'buy' : 'sell',
      qty: 1,
    }));
    const answered = this.send(JSON.stringify(trades))
      .catch((error: unknown) => {
        this.failure ??= error;
      })
      .finally(() => this.unanswered.delete(answered));
    this.unanswered.add(answered);
  }

  private async send(body: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${this.publisherUrl}/trades`, { method: 'POST', headers, body });
    const text = await answer.text();
    if (answer.status !== 202) throw new Error(`the publisher answered ${answer.status}: ${text}`);
    this.posted += POST_EVENTS;
  }
}
