import type { TradeEvent } from '@app/contracts';
import { EventFeed } from '@app/service-kit';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { TradeRecorder } from '../recorder/trade.recorder.js';
import { RejectionsService } from '../rejections/rejections.service.js';
import { LiveStatistics } from './live.statistics.js';
import type { StreamItem, TotalsItem } from './stream.item.js';

const BATCH_INTERVAL_MS = 100;
/** Twice a second is as fast as figures can be read. */
const STATISTICS_INTERVAL_MS = 500;
/** More than 2,000 lines a second is more than anybody watches; beyond, trades are only counted. */
const TRADES_PER_BATCH = 200;

/** What was received, live, for whoever listens; a batch costs one comparison while nobody does. */
@Injectable()
export class LiveStream implements BeforeApplicationShutdown {
  private readonly feed = new EventFeed<StreamItem>({ intervalMs: BATCH_INTERVAL_MS });
  private timer: NodeJS.Timeout | undefined;
  private shown = 0;
  private leftOut = 0;
  private rejectedBefore = -1;
  private statisticsDueMs = 0;

  constructor(
    private readonly recorder: TradeRecorder,
    private readonly rejections: RejectionsService,
    private readonly statistics: LiveStatistics,
  ) {
    recorder.onApplied((trades, receivedAtSeconds) => this.offer(trades, receivedAtSeconds));
  }

  /** Clients now, and clients cut off for reading too slowly. */
  stats(): { clients: number; droppedClients: number } {
    return this.feed.stats();
  }

  /** Turns a request into a stream that opens with the totals. Throws ProblemException 503 when there are too many. */
  serve(request: FastifyRequest, reply: FastifyReply): void {
    // Told to this reader alone: whoever comes and goes must not disturb the others.
    this.feed.serve(request, reply, () => this.totals(0));
    if (this.timer !== undefined || this.feed.stats().clients === 0) return;
    this.startCounting();
    this.timer = setInterval(() => this.tick(), BATCH_INTERVAL_MS);
  }

  /** Before the HTTP server closes, which waits for open streams; after the drain, so that its trades are still shown. */
  beforeApplicationShutdown(): void {
    if (this.timer) this.tick();
    this.stopTimer();
    this.feed.close();
  }

  private offer(trades: readonly Readonly<TradeEvent>[], receivedAtSeconds: number): void {
    if (this.timer === undefined) return;
    const room = Math.min(trades.length, TRADES_PER_BATCH - this.shown);
    this.shown += room;
    this.leftOut += trades.length - room;
    for (const { side, qty, ts } of trades.slice(0, room)) {
      this.feed.publish({
        kind: 'trade',
        side,
        qty,
        ts,
        receivedAtSeconds,
        latencySeconds: receivedAtSeconds - ts,
      });
    }
  }

  private tick(): void {
    if (this.shown > 0 || this.rejections.total !== this.rejectedBefore) this.publishTotals();
    this.publishStatistics();
    if (this.feed.stats().clients === 0) this.stopTimer();
  }

  private publishTotals(): void {
    this.feed.publish(this.totals(this.leftOut));
    this.startCounting();
  }

  private totals(leftOut: number): TotalsItem {
    const { buy, sell } = this.recorder.totals();
    return {
      kind: 'totals',
      totals: {
        buy: { trades: buy.trades, volume: buy.volume },
        sell: { trades: sell.trades, volume: sell.volume },
      },
      rejected: this.rejections.total,
      leftOut,
    };
  }

  private startCounting(): void {
    this.shown = 0;
    this.leftOut = 0;
    this.rejectedBefore = this.rejections.total;
  }

  /** Also in silence: windows empty themselves with time. */
  private publishStatistics(): void {
    const nowMs = performance.now();
    if (nowMs < this.statisticsDueMs) return;
    this.statisticsDueMs = nowMs + STATISTICS_INTERVAL_MS;
    this.feed.publish(this.statistics.read());
  }

  private stopTimer(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
