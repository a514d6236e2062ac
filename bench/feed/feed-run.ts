import { checkTrade, MAX_TS_SECONDS, TRADE_PATTERN } from '@app/contracts';
import type { TapeRecorder } from './deliver/tape-recorder.js';
import { TradePump } from './deliver/trade-pump.js';
import type { FeedTrade, TradeSink } from './deliver/trade-sink.js';
import type { BackOffBounds } from './exchange/back-off.js';
import { type Exchange, type ExchangeTrade, isObject, type MalformedReason } from './exchange/exchange.js';
import { ExchangeConnection } from './exchange/exchange-connection.js';
import { countsText, FeedTally } from './feed-tally.js';

/** What a feed is made of. */
export interface FeedParts {
  readonly exchange: Exchange;
  readonly symbols: readonly string[];
  /** The exchange's address. */
  readonly from: string;
  readonly sink: TradeSink;
  readonly capacity: number;
  readonly recorder?: TapeRecorder | undefined;
  /** Takes each line that people read. */
  readonly say: (line: string) => void;
  /** As in `ConnectionOptions`. */
  readonly silenceMs?: number;
  readonly backOff?: BackOffBounds;
}

const STATUS_MS = 10_000;
/** Gaps are said at most this often; the totals have all of them. */
const GAP_LINE_MS = 1000;

/** Takes the trades of an exchange to a sink, from `open` to `finish`. */
export class Feed {
  readonly tally: FeedTally;
  private readonly connection: ExchangeConnection;
  private readonly pump: TradePump;
  private readonly failing = new AbortController();
  private status: NodeJS.Timeout | undefined;
  private openedMs = 0;
  private lastTrades = 0;
  private gapSaidMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly parts: FeedParts) {
    const { exchange, symbols, from, sink, capacity, say, silenceMs, backOff } = parts;
    this.tally = new FeedTally(symbols);
    this.pump = new TradePump(
      sink,
      { capacity, ...(backOff && { backOff }) },
      {
        onStalled: (why, waiting) => say(`${sink.address} takes nothing (${why}); ${waiting} trades wait`),
        onResumed: () => say(`${sink.address} takes trades again`),
        onHopeless: (why) => this.fail(`${sink.address} takes no trade: ${why}`),
      },
    );
    this.connection = new ExchangeConnection(
      {
        url: exchange.urlFor(from, symbols),
        greeting: exchange.greetingFor(symbols),
        ...(silenceMs !== undefined && { silenceMs }),
        ...(backOff && { backOff }),
      },
      {
        onMessage: (text) => this.hear(text),
        onOpen: () => this.opened(),
        onLost: (why, againMs) =>
          say(`${exchange.name}: ${why}; connects again in ${(againMs / 1000).toFixed(1)} s`),
        onDenied: (why) => this.fail(`${exchange.name} refuses the connection: ${why}`),
      },
    );
  }

  /** Fires when the feed cannot go on; its reason is a sentence. */
  get failed(): AbortSignal {
    return this.failing.signal;
  }

  get totals() {
    return this.pump.totals;
  }

  open(): void {
    this.openedMs = performance.now();
    this.status = setInterval(() => this.sayStatus(), STATUS_MS);
    this.connection.open();
  }

  /**
   * Ends the feed: takes nothing more, and waits until what it has is delivered.
   * @returns whether every trade was accepted, and recorded
   */
  async finish(drainMs: number): Promise<boolean> {
    clearInterval(this.status);
    this.connection.close();
    const { waiting } = this.pump.totals;
    if (waiting > 0) this.parts.say(`stopping: ${waiting} trades still to deliver`);
    await this.pump.drain(this.failed.aborted ? 0 : drainMs);
    this.parts.sink.close();
    await this.parts.recorder?.close();
    this.sayTotals();
    const { refused, dropped, waiting: left } = this.pump.totals;
    const isDelivered = Object.keys(refused).length === 0 && dropped === 0 && left === 0;
    return isDelivered && (this.parts.recorder?.lost ?? 0) === 0;
  }

  private opened(): void {
    this.tally.connections += 1;
    const { exchange, symbols, from, say } = this.parts;
    say(`connected to ${exchange.name} at ${from}: ${symbols.join(', ')}`);
  }

  private fail(why: string): void {
    this.failing.abort(new Error(why));
  }

  private hear(text: string | undefined): void {
    this.tally.messages += 1;
    const message = parsedMessage(text);
    if (typeof message === 'string') {
      this.tally.malformed[message] += 1;
      return;
    }
    const reading = this.parts.exchange.read(message);
    if (reading.kind === 'trade') this.hearTrade(reading.trade, reading.isPast);
    else if (reading.kind === 'mark') this.hearMark(reading.symbol, reading.id);
    else if (reading.kind === 'malformed') this.tally.malformed[reading.reason] += 1;
    else if (reading.kind === 'leaving') this.connection.renew();
    else if (reading.kind === 'refused') this.hearRefusal(printable(reading.detail));
  }

  /** Before the first trade it is about what was asked for, and would come again. Later it is about this connection. */
  private hearRefusal(detail: string): void {
    const { exchange, say } = this.parts;
    if (this.tally.trades === 0) this.fail(`${exchange.name} refuses: ${detail}`);
    else say(`${exchange.name} says: ${detail}`);
  }

  private hearTrade(told: ExchangeTrade, isPast: boolean): void {
    const sequence = this.tally.sequenceOf(told.symbol);
    if (sequence === undefined) {
      this.tally.malformed.invalid_symbol += 1;
      return;
    }
    const isTime = told.seconds >= 0 && told.seconds <= MAX_TS_SECONDS;
    const ts = isTime ? told.seconds : (performance.timeOrigin + performance.now()) / 1000;
    const { side, qty, symbol, price } = told;
    const trade: FeedTrade = { side, qty, ts, symbol, price };
    const violation = checkTrade({ type: TRADE_PATTERN, ...trade });
    if (violation !== undefined) {
      this.tally.malformed[violation.reason as MalformedReason] += 1;
      return;
    }
    if (isPast && !sequence.isBegun) {
      // It was made before the feed began.
      sequence.take(told.id);
      return;
    }
    const before = sequence.missing;
    const verdict = sequence.take(told.id);
    if (sequence.missing > before) this.sayGap(symbol, sequence.missing - before);
    if (verdict === 'duplicate') {
      this.tally.duplicates += 1;
      return;
    }
    if (verdict === 'late') this.tally.outOfOrder += 1;
    if (!isTime) this.tally.retimed += 1;
    this.tally.trades += 1;
    this.parts.recorder?.add(trade);
    this.pump.add(trade);
  }

  private hearMark(symbol: string, id: number): void {
    const sequence = this.tally.sequenceOf(symbol);
    if (sequence === undefined) {
      this.tally.malformed.invalid_symbol += 1;
      return;
    }
    const before = sequence.missing;
    sequence.mark(id);
    if (sequence.missing > before) this.sayGap(symbol, sequence.missing - before);
  }

  private sayGap(symbol: string, missing: number): void {
    const nowMs = performance.now();
    if (nowMs - this.gapSaidMs < GAP_LINE_MS) return;
    this.gapSaidMs = nowMs;
    this.parts.say(`${symbol}: ${missing} trades are missing`);
  }

  private sayStatus(): void {
    const { trades, missing } = this.tally;
    const rate = ((trades - this.lastTrades) / (STATUS_MS / 1000)).toFixed(1);
    this.lastTrades = trades;
    this.parts.say(
      `${trades} trades (${rate}/s), ${this.pump.totals.waiting} waiting, missing ${countsText(missing)}`,
    );
  }

  private sayTotals(): void {
    const { tally, parts } = this;
    const { accepted, refused, dropped, waiting } = this.pump.totals;
    const seconds = ((performance.now() - this.openedMs) / 1000).toFixed(1);
    const lines = [
      `${parts.exchange.name}: ${tally.trades} trades in ${seconds} s over ${tally.connections} connections`,
      `delivered: accepted ${accepted}, refused ${countsText(refused)}, dropped ${dropped}, given up ${waiting}`,
      `heard: messages ${tally.messages}, malformed ${countsText(tally.malformed)}, duplicates ${tally.duplicates}, ` +
        `out of order ${tally.outOfOrder}, without a time ${tally.retimed}, missing ${countsText(tally.missing)}`,
    ];
    const { recorder } = parts;
    if (recorder !== undefined) {
      const fault = recorder.fault === undefined ? '' : ` (${recorder.fault})`;
      lines.push(`recorded: ${recorder.rows} rows in ${recorder.file}, lost ${recorder.lost}${fault}`);
    }
    for (const line of lines) parts.say(line);
  }
}

function parsedMessage(text: string | undefined): Readonly<Record<string, unknown>> | MalformedReason {
  if (text === undefined) return 'not_text';
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return 'not_json';
  }
  return isObject(message) ? message : 'not_an_object';
}

function printable(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ').slice(0, 300);
}
