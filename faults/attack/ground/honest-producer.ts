import { setTimeout as sleep } from 'node:timers/promises';
import { eventOf } from '../../oracle/event-number.js';
import { namesEvent, TradePoster } from '../../oracle/trade-poster.js';

const PAUSE_MS = 40;
const ACCEPTED = 202;
const LATE = 504;
/** Statuses that say that nothing was taken. */
const REFUSED = new Set([401, 429, 503]);

/** The outcome of the honest trades. */
export interface HonestBook {
  /** Each must be counted once. */
  readonly accepted: Set<number>;
  /** Nobody knows whether they were taken: each may be counted once. */
  readonly unknown: Set<number>;
  /** Answers for which the apps have no reason. */
  readonly unexpected: string[];
}

/** Posts numbered trades one after the other during an attack, like a client that has nothing to do with it. */
export class HonestProducer {
  readonly book: HonestBook = { accepted: new Set(), unknown: new Set(), unexpected: [] };
  private readonly poster: TradePoster;
  private next = 1;
  private isPosting = false;
  private posting: Promise<void> | undefined;

  constructor(publisherUrl: string, token: string | undefined) {
    this.poster = new TradePoster(publisherUrl, token);
  }

  start(): void {
    this.isPosting = true;
    this.posting = this.post();
  }

  /** Resolves when the last post has an answer. */
  async stop(): Promise<void> {
    this.isPosting = false;
    await this.posting;
  }

  close(): void {
    this.poster.close();
  }

  private async post(): Promise<void> {
    const { accepted, unknown, unexpected } = this.book;
    while (this.isPosting) {
      const number = this.next;
      this.next += 1;
      const { side, qty } = eventOf(number);
      const outcome = await this.poster.post(`/trade/${side}`, { qty });
      if (outcome.kind === 'unknown') unknown.add(number);
      else if (outcome.kind === 'answered') {
        const { status, body } = outcome;
        if (status === ACCEPTED || (status === LATE && namesEvent(body))) accepted.add(number);
        else if (status === LATE) unknown.add(number);
        else if (!REFUSED.has(status)) unexpected.push(`an honest post was answered with ${status}`);
      }
      await sleep(PAUSE_MS);
    }
  }
}
