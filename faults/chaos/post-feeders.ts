import { setTimeout as sleep } from 'node:timers/promises';
import type { RandomSource } from '@app/trade-model';
import { eventOf } from '../oracle/event-number.js';
import { namesEvent, type PostOutcome, refusedIn, type TradePoster } from '../oracle/trade-poster.js';
import type { OracleFile } from './oracle-file.js';
import type { OracleEntry } from './oracle-line.js';

const SINGLE_POSTERS = 6;
const BULK_POSTERS = 2;
/** The share of single-event posts that wait until the event is applied, or stored by the broker. */
const WAITING_SHARE = 0.25;
const MAX_PAUSE_MS = 12;
/** Wait before the next try after a post without an answer. */
const BACK_OFF_MS = 40;
const ACCEPTED = 202;
/** The event was not applied or stored in time; if the answer names it, the publisher has it. */
const LATE = 504;
/** Statuses that say that nothing was taken. */
const REFUSED = new Set([429, 503]);

/** An answer for which the apps have no reason. */
export class UnexpectedAnswerError extends Error {
  readonly code = 'ERR_CHAOS_ANSWER';
}

/** What an outcome means for the events of a post. */
function meaningOf(outcome: PostOutcome): 'accepted' | 'refused' | 'unknown' | 'unexpected' {
  if (outcome.kind !== 'answered') return outcome.kind === 'unsent' ? 'refused' : 'unknown';
  const { status, body } = outcome;
  if (status === LATE) return namesEvent(body) ? 'accepted' : 'unknown';
  if (REFUSED.has(status)) return 'refused';
  return status === ACCEPTED ? 'accepted' : 'unexpected';
}

/** What differs between runs. */
export interface PostOptions {
  /** What waiting posts wait for. */
  readonly stage: 'applied' | 'stored';
  readonly maxBulkEvents: number;
}

/** Posts numbered events, one by one and in bulk, until enough were accepted; it writes each into the oracle file first. */
export class PostFeeders {
  /** Called with the events that were accepted. */
  onAccepted: (events: number) => void = () => undefined;
  private next = 1;
  private entries: OracleEntry[] = [];

  constructor(
    private readonly poster: TradePoster,
    private readonly oracle: OracleFile,
    private readonly random: RandomSource,
    private readonly options: PostOptions,
  ) {}

  /** Runs until this many of each kind were accepted. */
  async feed(wanted: { readonly single: number; readonly bulk: number }): Promise<void> {
    const left = { ...wanted };
    const singles = Array.from({ length: SINGLE_POSTERS }, async () => {
      while (left.single > 0) {
        const accepted = await this.postSingle();
        left.single -= accepted;
      }
    });
    const bulks = Array.from({ length: BULK_POSTERS }, async () => {
      while (left.bulk > 0) {
        const accepted = await this.postBulk(
          1 + Math.floor(this.random.uniform() * this.options.maxBulkEvents),
        );
        left.bulk -= accepted;
        await sleep(this.random.uniform() * MAX_PAUSE_MS);
      }
    });
    await Promise.all([...singles, ...bulks]);
  }

  /** What was noted since the last call. */
  takeEntries(): OracleEntry[] {
    const { entries } = this;
    this.entries = [];
    return entries;
  }

  private async postSingle(): Promise<number> {
    const number = this.take(1);
    const { side, qty } = eventOf(number);
    const wait = this.random.uniform() < WAITING_SHARE ? `?wait=${this.options.stage}` : '';
    const outcome = await this.poster.post(`/trade/${side}${wait}`, { qty });
    return this.settle(number, number, outcome, () => new Set());
  }

  private async postBulk(count: number): Promise<number> {
    const first = this.take(count);
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    const outcome = await this.poster.post('/trades', numbers.map(eventOf));
    return this.settle(first, first + count - 1, outcome, refusedIn);
  }

  /** Takes the next numbers, and writes them down before it posts them. */
  private take(count: number): number {
    const first = this.next;
    this.next += count;
    this.note({ word: 'send', first, last: first + count - 1 });
    return first;
  }

  /** @returns how many were accepted */
  private async settle(
    first: number,
    last: number,
    outcome: PostOutcome,
    refusedOf: (body: string) => ReadonlySet<number>,
  ): Promise<number> {
    const meaning = meaningOf(outcome);
    if (meaning === 'unexpected')
      throw new UnexpectedAnswerError(
        `an unexpected answer to the events ${first}–${last}: ${JSON.stringify(outcome)}`,
      );
    if (meaning === 'accepted') {
      const refused = outcome.kind === 'answered' ? refusedOf(outcome.body) : new Set<number>();
      for (let number = first; number <= last; number += 1)
        if (refused.has(number - first)) this.note({ word: 'refused', first: number, last: number });
      if (refused.size === 0) this.note({ word: 'accepted', first, last });
      else this.noteAccepted(first, last, refused);
      this.onAccepted(last - first + 1 - refused.size);
      return last - first + 1 - refused.size;
    }
    this.note({ word: meaning, first, last });
    await sleep(BACK_OFF_MS);
    return 0;
  }

  private noteAccepted(first: number, last: number, refused: ReadonlySet<number>): void {
    for (let number = first; number <= last; number += 1)
      if (!refused.has(number - first)) this.note({ word: 'accepted', first: number, last: number });
  }

  private note(entry: OracleEntry): void {
    this.oracle.note(entry);
    this.entries.push(entry);
  }
}
