import { useDeskChoice } from '../choice/desk-choice.js';
import type { StreamState } from '../net/event-stream.js';
import { openStream, type Stream } from '../net/window-stream.js';
import { Tape } from '../tape/tape-model.js';
import type { TapeContext } from '../tape/tape-row.js';
import { ChangeSignal } from './change-signal.js';
import { isBroadcast } from './delivery-words.js';
import type { LinkReport, PublisherItem, SidecarItem, Totals, TotalsItem, Trade } from './feed-items.js';
import { LetterBox } from './letter-box.js';
import { ReceiptSeeker } from './receipt-seeker.js';

const TAPE_ROWS = 1000;
const TICK_MS = 1000;
/** This many ticks without a message from the sidecar are no accident. */
const SILENT_TICKS = 4;
/** Most trades of one message (a tenth of a second) that go on the tape; the rest is only counted. */
const SHOWN_PER_MESSAGE = 20;

/** One feed's connection, for people. */
export interface FeedStatus {
  state: StreamState;
  reason?: string;
}

/** Everything that the two feeds have reported so far; bounded. `signal` tells when it changed. */
export class Desk {
  readonly signal = new ChangeSignal();
  readonly tape = new Tape(TAPE_ROWS);
  readonly seeker = new ReceiptSeeker(this.tape);
  readonly letters = new LetterBox(this.tape, this.signal);
  publisher: FeedStatus = { state: 'connecting' };
  sidecar: FeedStatus = { state: 'connecting' };
  link: LinkReport | undefined;
  totals: Totals | undefined;
  rejected = 0;
  /** Trades emitted since this page was opened, shown or not. */
  emitted = 0;
  /** When a feed last carried more than the tape shows, in unix epoch seconds. */
  sampledAtSeconds = 0;
  private readonly streams: readonly Stream[];
  private quietTicks = 0;
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    this.streams = [
      this.follow<PublisherItem>('events', 'publisher', (items) => this.takeEmitted(items)),
      this.follow<SidecarItem>('sidecar/stream', 'sidecar', (items) => this.takeReceived(items)),
    ];
  }

  start(): void {
    for (const stream of this.streams) stream.start();
    this.timer ??= setInterval(() => void this.tick(), TICK_MS);
  }

  stop(): void {
    for (const stream of this.streams) stream.stop();
    clearInterval(this.timer);
    this.timer = undefined;
  }

  get linkUp(): boolean {
    return this.link?.state === 'connected';
  }

  /** True while the publisher drops what it accepts: a broadcast without a subscriber. */
  get isDropping(): boolean {
    return isBroadcast(this.link) && !this.linkUp;
  }

  /**
   * True when the sidecar's stream is open and silent: its statistics come twice a second even without trades, so a stopped
   * process can be told from an idle one.
   */
  get isSidecarSilent(): boolean {
    return this.sidecar.state === 'open' && this.quietTicks >= SILENT_TICKS;
  }

  /** True for two seconds after a feed carried more than is shown. */
  get isSampling(): boolean {
    return Date.now() / 1000 - this.sampledAtSeconds < 2;
  }

  context(): TapeContext {
    return {
      // Events broadcast to a silent sidecar may have been dropped: nobody knows.
      isWaiting: !isBroadcast(this.link) && (!this.linkUp || this.isSidecarSilent),
      nowSeconds: Date.now() / 1000,
      sampledAtSeconds: this.sampledAtSeconds,
      watching: this.sidecar.state === 'open',
      settledAtSeconds: this.seeker.settledAtSeconds,
      isBlind: this.seeker.fault !== undefined,
    };
  }

  /** Does what depends on time alone: marks rows as late, and asks for receipts that no stream reported. */
  private async tick(): Promise<void> {
    // Counts ticks and not time: a page that slept or was busy has not listened either.
    this.quietTicks += 1;
    const isOpen = this.sidecar.state === 'open' && !this.isSidecarSilent;
    const isSettled = isOpen && this.linkUp && this.link?.queued === 0;
    this.signal.changed();
    if (await this.seeker.tick({ nowSeconds: Date.now() / 1000, isSettled })) this.signal.changed();
  }

  private follow<T>(url: string, name: 'publisher' | 'sidecar', take: (items: T[]) => void): Stream {
    return openStream({
      url,
      onState: (state, reason) => {
        this[name] = { state, ...(reason !== undefined && { reason }) };
        if (name === 'sidecar') this.quietTicks = 0;
        this.signal.changed();
      },
      onMessage: ({ event, data }) => {
        if (name === 'sidecar') this.quietTicks = 0;
        if (event === 'gap') this.takeGap(name);
        else take(JSON.parse(data) as T[]);
        this.signal.changed();
      },
    });
  }

  private takeGap(name: 'publisher' | 'sidecar'): void {
    this.sampledAtSeconds = Date.now() / 1000;
    if (name === 'sidecar') this.tape.loseSight();
  }

  private takeEmitted(items: readonly PublisherItem[]): void {
    const trades: { readonly trade: Trade; readonly isDropped: boolean }[] = [];
    for (const item of items) {
      if (item.type === 'link') this.takeLink(item);
      // The link's state at this place of the feed, not at its end.
      else trades.push({ trade: item, isDropped: this.isDropping });
    }
    this.emitted += trades.length;
    if (trades.length > SHOWN_PER_MESSAGE) this.sampledAtSeconds = Date.now() / 1000;
    // In a flood the sidecar's own sample is better: most rows of this one would never be seen to arrive.
    if (trades.length > SHOWN_PER_MESSAGE && this.linkUp) return;
    for (const { trade, isDropped } of trades.slice(-SHOWN_PER_MESSAGE))
      this.tape.emitted(trade, { mine: false, isDropped });
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
    // In a flood only the newest trades get rows, of the symbol that is looked at; existing rows are completed in any case.
    const { symbol } = useDeskChoice.getState();
    const wanted = symbol === undefined ? receipts : receipts.filter((receipt) => receipt.symbol === symbol);
    const shown = new Set(flood ? wanted.slice(-SHOWN_PER_MESSAGE) : receipts);
    for (const receipt of receipts) {
      if (shown.has(receipt)) this.tape.received(receipt);
      else this.tape.receivedMeanwhile(receipt);
    }
    for (const item of items) if (item.kind === 'totals') this.takeTotals(item);
  }

  private takeTotals({ totals, rejected, leftOut }: TotalsItem): void {
    const nowSeconds = Date.now() / 1000;
    this.totals = totals;
    if (leftOut > 0) {
      this.sampledAtSeconds = nowSeconds;
      this.tape.loseSight();
    }
    if (rejected !== this.rejected) void this.letters.refresh();
    this.rejected = rejected;
  }
}
