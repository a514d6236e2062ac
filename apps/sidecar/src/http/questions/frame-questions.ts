import { METRICS, type SideScope } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { RecentTrades, scanFrame, TurnQueue } from '../../analytics/frame/trade-frame.js';
import { burstiness, finiteBurstiness, IdleGaps } from '../../analytics/metrics/burstiness.metric.js';
import { LogBuckets } from '../../analytics/metrics/qty-quantile.metric.js';
import { Moments } from '../../analytics/rolling/moments-ring.js';
import { ReceiveClock } from '../../analytics/rolling/receive-clock.js';
import {
  type BarsAnswer,
  finiteOrNull,
  type InterarrivalAnswer,
  type LatencyAnswer,
  type QuantitiesAnswer,
  type SeriesAnswer,
  type SummaryAnswer,
  type SymbolsAnswer,
} from './analytics-answer.js';
import type { BarKind, SeriesMetric, SymbolRanking } from './analytics-query.js';
import { BarsTally, DurationsTally, SeriesTally, SymbolsTally } from './answer-tallies.js';

/** Tells whether anybody still waits for an answer. */
type IsWanted = () => boolean;

/** The trades that a question is about. */
export interface Rows {
  readonly side: SideScope;
  /** Undefined: of any symbol, and without one. */
  readonly symbol: string | undefined;
  readonly lastSeconds: number;
}

const QTY_QUANTILES = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1] as const;

/**
 * Answers questions about the trades of the frame. A question costs O(rows of its time), in slices of about a millisecond.
 * Between the slices trades are received and other requests served. It stops when `isWanted` says that nobody waits for the
 * answer.
 */
@Injectable()
export class FrameQuestions {
  constructor(
    private readonly frame: RecentTrades,
    private readonly turns: TurnQueue,
    private readonly clock: ReceiveClock,
  ) {}

  /** Count, volume and quantities. */
  async summary({ side, symbol, lastSeconds }: Rows, isWanted?: IsWanted): Promise<SummaryAnswer> {
    const moments = new Moments();
    let [firstTs, lastTs] = [Number.NaN, Number.NaN];
    const complete = await this.scan(
      { side, symbol, lastSeconds },
      (row) => {
        moments.add(this.frame.qtyAt(row));
        lastTs = this.frame.tsAt(row);
        if (moments.count === 1) firstTs = lastTs;
      },
      isWanted,
    );
    return {
      side,
      lastSeconds,
      complete,
      trades: moments.count,
      volume: moments.sum,
      rate: moments.count / lastSeconds,
      qty: {
        mean: finiteOrNull(moments.mean),
        stddev: finiteOrNull(moments.stddev),
        max: finiteOrNull(moments.max),
        min: finiteOrNull(moments.min),
      },
      firstTs: finiteOrNull(firstTs),
      lastTs: finiteOrNull(lastTs),
    };
  }

  /** Trades or volume by steps of time. */
  async series(
    metric: SeriesMetric,
    stepSeconds: number,
    { side, symbol, lastSeconds }: Rows,
    isWanted?: IsWanted,
  ): Promise<SeriesAnswer> {
    const nowSeconds = this.clock.now();
    // The starts of points are times of the system's clock as it is now.
    const { backSeconds } = this.clock;
    const tally = new SeriesTally(nowSeconds - backSeconds, lastSeconds, stepSeconds);
    const complete = await this.scan(
      { side, symbol, lastSeconds },
      (row) => {
        tally.add(this.frame.steadyAt(row) - backSeconds, metric === 'trades' ? 1 : this.frame.qtyAt(row));
      },
      isWanted,
    );
    return { metric, side, stepSeconds, lastSeconds, complete, points: tally.points() };
  }

  /** Time from `ts` to receipt. */
  async latency({ symbol, lastSeconds }: Rows, isWanted?: IsWanted): Promise<LatencyAnswer> {
    const tally = new DurationsTally(METRICS.receiveLatency.buckets);
    let skewed = 0;
    const complete = await this.scan(
      { side: 'all', symbol, lastSeconds },
      (row) => {
        const seconds = this.frame.receivedAt(row) - this.frame.tsAt(row);
        if (seconds >= 0) tally.add(seconds);
        else skewed += 1;
      },
      isWanted,
    );
    const { count } = tally;
    return {
      lastSeconds,
      complete,
      count,
      skewed,
      quantiles: tally.quantiles(),
      histogram: tally.histogram(),
    };
  }

  /** Time between the receipts of consecutive trades; it belongs to the later one. */
  async interarrival({ symbol, lastSeconds }: Rows, isWanted?: IsWanted): Promise<InterarrivalAnswer> {
    const tally = new DurationsTally(METRICS.interarrival.buckets);
    const gaps = new Moments();
    const idle = new IdleGaps();
    let previousRow: number | undefined;
    const complete = await this.scan(
      { side: 'all', symbol, lastSeconds },
      (row) => {
        const before = previousRow ?? (symbol === undefined ? row - 1 : row);
        previousRow = row;
        if (before === row || before < this.frame.first) return;
        const seconds = this.frame.steadyAt(row) - this.frame.steadyAt(before);
        tally.add(seconds);
        if (!idle.take(seconds)) gaps.add(seconds);
      },
      isWanted,
    );
    return {
      lastSeconds,
      complete,
      count: tally.count,
      mean: finiteOrNull(gaps.mean),
      burstiness: finiteOrNull(finiteBurstiness(gaps)),
      plainBurstiness: finiteOrNull(burstiness(gaps)),
      quantiles: tally.quantiles(),
      histogram: tally.histogram(),
    };
  }

  /** Bars of time, trades or volume; undefined when there would be more than `maxBars`. */
  async bars(
    by: BarKind,
    size: number,
    { symbol, lastSeconds }: Rows,
    maxBars: number,
    isWanted: IsWanted,
  ): Promise<BarsAnswer | undefined> {
    const tally = new BarsTally(by, size, maxBars);
    const { frame } = this;
    const { backSeconds } = this.clock;
    const at = this.clock.now() - backSeconds;
    const complete = await this.scan(
      { side: 'all', symbol, lastSeconds },
      (row) => {
        tally.add({
          atSeconds: frame.steadyAt(row) - backSeconds,
          isBuy: frame.sideAt(row) === 'buy',
          qty: frame.qtyAt(row),
          price: frame.priceAt(row),
        });
      },
      () => isWanted() && !tally.isFull,
    );
    return tally.isFull ? undefined : { by, size, at, lastSeconds, complete, bars: tally.bars() };
  }

  /** The symbols that traded, largest first; with a symbol, only that one, ranked among all. */
  async symbols(
    by: SymbolRanking,
    limit: number,
    { symbol: only, lastSeconds }: Rows,
    isWanted: IsWanted,
  ): Promise<SymbolsAnswer> {
    const tally = new SymbolsTally();
    const { frame } = this;
    const complete = await this.scan(
      { side: 'all', symbol: undefined, lastSeconds },
      (row) => {
        const symbol = frame.symbolAt(row);
        if (symbol === undefined) return;
        const [isBuy, qty, price] = [frame.sideAt(row) === 'buy', frame.qtyAt(row), frame.priceAt(row)];
        tally.add(symbol, { isBuy, qty, price });
      },
      isWanted,
    );
    return { by, lastSeconds, complete, count: tally.count, symbols: tally.ranked(by, limit, only) };
  }

  /** How the quantities are distributed. */
  async quantities(rows: Rows, isWanted?: IsWanted): Promise<QuantitiesAnswer> {
    const buckets = new LogBuckets();
    const { side, lastSeconds } = rows;
    const complete = await this.scan(rows, (row) => buckets.put(this.frame.qtyAt(row)), isWanted);
    const quantiles = Object.fromEntries(
      QTY_QUANTILES.map((quantile) => [quantile, finiteOrNull(buckets.quantile(quantile))]),
    );
    return { side, lastSeconds, complete, count: buckets.count, quantiles };
  }

  private async scan(
    { side, symbol, lastSeconds }: Rows,
    visit: (row: number) => void,
    isWanted?: IsWanted,
  ): Promise<boolean> {
    const since = this.clock.now() - lastSeconds;
    const { frame } = this;
    const visitWanted = (row: number): void => {
      if (side !== 'all' && frame.sideAt(row) !== side) return;
      if (symbol === undefined || frame.symbolAt(row) === symbol) visit(row);
    };
    return (await scanFrame(frame, this.turns, since, visitWanted, isWanted)).complete;
  }
}
