import { METRICS, type RollingWindow, type SideScope, type TradeEvent, type TradeSide } from '@app/contracts';
import { EventFeed, HttpGate, pulledCounter, pulledGauge } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { type BeforeApplicationShutdown, Controller, Get, Injectable, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BurstinessMetric } from '../analytics/metrics/burstiness.metric.js';
import { LatencyQuantileMetric } from '../analytics/metrics/latency-quantile.metric.js';
import { VolumeEwmaMetric } from '../analytics/metrics/volume-ewma.metric.js';
import { WindowMetrics, type WindowStats } from '../analytics/metrics/window.metric.js';
import type { TradeTotals } from '../counting/trade-counts.js';
import { TradeRecorder } from '../counting/trade-recorder.js';
import { RejectionsService } from '../intake/rejections/rejections.service.js';

const BATCH_INTERVAL_MS = 100;
/** Nobody reads figures that change more often than twice a second. */
const STATISTICS_INTERVAL_MS = 500;
/** Nobody watches more than 2,000 lines a second; trades beyond that are only counted. */
const TRADES_PER_BATCH = 200;

/** The live statistics, equal to the metrics. In JSON, null means unknown. */
export interface StatisticsItem {
  readonly kind: 'statistics';
  /** Unix epoch seconds. */
  readonly atSeconds: number;
  readonly windows: Readonly<Record<RollingWindow, Readonly<Record<SideScope, WindowStats>>>>;
  /** Quantity a second. */
  readonly volumeEwma: Readonly<Record<SideScope, number>>;
  /** −1 to 1. */
  readonly burstiness: Readonly<Record<RollingWindow, number>>;
  /** Quantile → seconds, of the last one to two minutes. */
  readonly latencySeconds: Readonly<Record<string, number>>;
}

/** Reads the metrics for people who look at a page and not at Prometheus. */
@Injectable()
export class LiveStatistics {
  constructor(
    private readonly windows: WindowMetrics,
    private readonly ewma: VolumeEwmaMetric,
    private readonly burstiness: BurstinessMetric,
    private readonly latency: LatencyQuantileMetric,
  ) {}

  /** The statistics of this moment; a fraction of a millisecond of work. */
  read(): StatisticsItem {
    return {
      kind: 'statistics',
      atSeconds: epochSeconds(),
      windows: { '1m': this.windows.read('1m'), '5m': this.windows.read('5m') },
      volumeEwma: this.ewma.read(),
      burstiness: this.burstiness.read(),
      latencySeconds: this.latency.read(),
    };
  }
}

/** A trade as the stream shows it. */
export interface TradeItem {
  readonly kind: 'trade';
  readonly side: TradeSide;
  readonly qty: number;
  /** When it was made: unix epoch seconds. */
  readonly ts: number;
  /** When it came in: unix epoch seconds. */
  readonly receivedAtSeconds: number;
  /** `receivedAtSeconds − ts`; negative when the clocks differ. */
  readonly latencySeconds: number;
  /** Absent from a trade that has none. */
  readonly symbol?: string;
  /** Absent from a trade that has none. */
  readonly price?: number;
}

/** The totals; sent with every batch of trades. */
export interface TotalsItem {
  readonly kind: 'totals';
  readonly totals: TradeTotals;
  readonly rejected: number;
  /** Trades since the last totals that were counted but are not shown: the rate exceeds what the stream carries. */
  readonly leftOut: number;
}

/** One element of the arrays that `GET /stream` sends. */
export type StreamItem = TradeItem | TotalsItem | StatisticsItem;

/** The live stream of what was received. A batch costs one comparison while no client listens. */
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
    pulledGauge(METRICS.feedClients, () => this.feed.stats().clients);
    pulledCounter(METRICS.feedDroppedClients, () => this.feed.stats().droppedClients);
  }

  /** Clients now, and clients that were cut off because they read too slowly. */
  stats(): { clients: number; droppedClients: number } {
    return this.feed.stats();
  }

  /** Turns a request into a stream that opens with the totals. Throws ProblemException 503 when too many are open. */
  serve(request: FastifyRequest, reply: FastifyReply): void {
    // These totals go to this reader alone: a new reader must not disturb the others.
    this.feed.serve(request, reply, () => this.totals(0));
    if (this.timer !== undefined || this.feed.stats().clients === 0) return;
    this.startCounting();
    this.timer = setInterval(() => this.tick(), BATCH_INTERVAL_MS);
  }

  /** Before the HTTP server closes, which waits for open streams; after the drain, so that the last trades are shown. */
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
    for (const { side, qty, ts, symbol, price } of trades.slice(0, room)) {
      this.feed.publish({
        kind: 'trade',
        side,
        qty,
        ts,
        receivedAtSeconds,
        latencySeconds: receivedAtSeconds - ts,
        ...(typeof symbol === 'string' && { symbol }),
        ...(typeof price === 'number' && { price }),
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

  /** Even without trades: windows empty with time. */
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

/** The live stream of what was received. */
@ApiTags('stream')
@Controller('stream')
export class StreamController {
  constructor(
    private readonly stream: LiveStream,
    private readonly gate: HttpGate,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Server-sent events: the trades received with their latency, and the totals' })
  @ApiOkResponse({
    description:
      'At most ten messages a second, each a JSON array of items: {"kind":"trade",…}, {"kind":"totals",…} and, twice a second, {"kind":"statistics",…}.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const refusal = this.gate.holdStream(request, reply);
    if (refusal !== undefined) throw refusal;
    this.stream.serve(request, reply);
  }
}
