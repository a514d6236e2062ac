import { setTimeout as sleep } from 'node:timers/promises';
import { eventOf } from '../oracle/event-number.js';
import { refusedIn, type TradePoster } from '../oracle/trade-poster.js';

const TICK_MS = 20;
const ACCEPTED = 202;

/** The outcomes of the events that a load offered, by number. */
export interface LoadResult {
  readonly offered: number;
  /** The publisher answered 202 for them. */
  readonly accepted: ReadonlySet<number>;
  /** Sent to a publisher that was killed before it answered. */
  readonly unknown: ReadonlySet<number>;
}

/** Posts numbered events in bulk at an even rate, whatever their outcome, and none twice. */
export class PacedLoad {
  private readonly accepted = new Set<number>();
  private readonly unknown = new Set<number>();
  private last = 0;

  constructor(
    private readonly poster: TradePoster,
    private readonly eventsPerSecond: number,
  ) {}

  /**
   * Runs for this long, and further while `isWanted` says so; then waits for the missing answers.
   * @param isWanted asked when the time is over
   */
  async run(seconds: number, isWanted: () => boolean): Promise<LoadResult> {
    const startMs = performance.now();
    const total = Math.round(this.eventsPerSecond * seconds);
    const posts: Promise<void>[] = [];
    while (this.last < total || isWanted()) {
      const dueEvents = Math.floor(((performance.now() - startMs) / 1000) * this.eventsPerSecond);
      const end = isWanted() ? dueEvents : Math.min(total, dueEvents);
      if (end > this.last) posts.push(this.post(this.last + 1, end));
      this.last = Math.max(this.last, end);
      await sleep(TICK_MS);
    }
    await Promise.all(posts);
    return { offered: this.last, accepted: this.accepted, unknown: this.unknown };
  }

  private async post(first: number, last: number): Promise<void> {
    const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const outcome = await this.poster.post('/trades', numbers.map(eventOf));
    if (outcome.kind === 'unknown') for (const number of numbers) this.unknown.add(number);
    if (outcome.kind !== 'answered' || outcome.status !== ACCEPTED) return;
    const refused = refusedIn(outcome.body);
    for (const [index, number] of numbers.entries()) if (!refused.has(index)) this.accepted.add(number);
  }
}
