import { EventStream, type StreamState } from '../net/event.stream.js';
import { fetchPast } from '../series/series.client.js';
import { SecondSeries } from '../series/second.series.js';
import { Tape } from '../tape/tape.model.js';
import type { TapeContext } from '../tape/tape.row.js';
import { ChangeSignal } from './change.signal.js';
import type { LinkReport, PublisherItem, SidecarItem, Totals, TotalsItem, Trade } from './feed.items.js';
import { LetterBox } from './letter.box.js';
import { fetchMissedReceipts } from './receipt.catch-up.js';

const TAPE_ROWS = 1000;
const SERIES_SECONDS = 900;
/** Of one message (a tenth of a second) so many trades go on the tape; the rest is only counted. */
const SHOWN_PER_MESSAGE = 20;

/** One feed's connection, for people. */
export interface FeedStatus {
  state: StreamState;
  reason?: string;
}

/** Everything the two feeds have told so far; bounded. `signal` says when to look again. */
export class Desk {
  readonly signal = new ChangeSignal();
  readonly tape = new Tape(TAPE_ROWS);
  readonly series = new SecondSeries(SERIES_SECONDS);
  readonly letters = new LetterBox(this.tape, this.signal);
  publisher: FeedStatus = { state: 'connecting' };
  sidecar: FeedStatus = { state: 'connecting' };
  link: LinkReport | undefined;
  totals: Totals | undefined;
  rejected = 0;
  lastTradeSeconds: number | undefined;
  /** Trades emitted while this page looked on, shown or not. */
  emitted = 0;
  /** When a feed last carried more than the tape shows, in unix epoch seconds. */
  sampledAtSeconds = 0;
  private readonly streams: readonly EventStream[];

  constructor() {
    this.streams = [
      this.follow<PublisherItem>('/events', 'publisher', (items) => this.takeEmitted(items)),
      this.follow<SidecarItem>('/sidecar/stream', 'sidecar', (items) => this.takeReceived(items)),
    ];
  }

  start(): void {
    if (this.totals === undefined) void this.fetchPast();
    for (const stream of this.streams) stream.start();
  }

  stop(): void {
    for (const stream of this.streams) stream.stop();
  }

  get linkUp(): boolean {
    return this.link?.state === 'connected';
  }

  /** True for two seconds after a feed carried more than is shown. */
  get isSampling(): boolean {
    return Date.now() / 1000 - this.sampledAtSeconds < 2;
  }

  context(): TapeContext {
    return {
      linkUp: this.linkUp,
      nowSeconds: Date.now() / 1000,
      sampledAtSeconds: this.sampledAtSeconds,
      watching: this.sidecar.state === 'open',
    };
  }

  /** Events that waited arrive as soon as the sidecar is back, which may be before its stream is: they are asked for. */
  private async catchUp(): Promise<void> {
    const oldest = this.tape.oldestOpenSeconds;
    if (oldest === undefined) return;
    for (const receipt of await fetchMissedReceipts(Date.now() / 1000 - oldest + 1)) {
      this.tape.receivedMeanwhile(receipt);
    }
    this.signal.changed();
  }

  private async fetchPast(): Promise<void> {
    this.series.prefill(await fetchPast());
    this.signal.changed();
  }

  private follow<T>(url: string, name: 'publisher' | 'sidecar', take: (items: T[]) => void): EventStream {
    return new EventStream({
      url,
      onState: (state, reason) => {
        this[name] = { state, ...(reason !== undefined && { reason }) };
        if (name === 'sidecar' && state === 'open') void this.catchUp();
        this.signal.changed();
      },
      onMessage: ({ event, data }) => {
        if (event === 'gap') this.sampledAtSeconds = Date.now() / 1000;
        else take(JSON.parse(data) as T[]);
        this.signal.changed();
      },
    });
  }

  private takeEmitted(items: readonly PublisherItem[]): void {
    const trades: Trade[] = [];
    for (const item of items) {
      if (item.type === 'link') this.takeLink(item);
      else trades.push(item);
    }
    this.emitted += trades.length;
    if (trades.length > SHOWN_PER_MESSAGE) this.sampledAtSeconds = Date.now() / 1000;
    // In a flood the sidecar's own sample says more: rows of this one would mostly never be seen to arrive.
    if (trades.length > SHOWN_PER_MESSAGE && this.linkUp) return;
    for (const trade of trades.slice(-SHOWN_PER_MESSAGE)) this.tape.emitted(trade, false);
  }

  private takeLink(link: LinkReport): void {
    // The sidecar is back: its stream need not wait for the end of its pause.
    if (link.state === 'connected' && !this.linkUp) this.streams[1]?.hurry();
    this.link = link;
  }

  private takeReceived(items: readonly SidecarItem[]): void {
    const receipts = items.filter((item) => item.kind === 'trade');
    const flood = receipts.length > SHOWN_PER_MESSAGE * 4;
    if (flood) this.sampledAtSeconds = Date.now() / 1000;
    for (const receipt of flood ? receipts.slice(-SHOWN_PER_MESSAGE) : receipts) this.tape.received(receipt);
    const last = receipts.at(-1);
    if (last) this.lastTradeSeconds = last.ts;
    for (const item of items) if (item.kind === 'totals') this.takeTotals(item);
  }

  private takeTotals({ totals, rejected, leftOut }: TotalsItem): void {
    const nowSeconds = Date.now() / 1000;
    this.totals = totals;
    this.series.take(totals, nowSeconds);
    if (leftOut > 0) this.sampledAtSeconds = nowSeconds;
    if (rejected !== this.rejected) void this.letters.refresh();
    this.rejected = rejected;
  }
}
