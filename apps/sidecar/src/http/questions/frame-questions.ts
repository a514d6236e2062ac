import { METRICS, type SideScope } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { scanFrame, TurnQueue } from '../../analytics/frame/frame-scan.js';
import { RecentTrades } from '../../analytics/frame/trade-frame.js';
import { burstiness, finiteBurstiness, IdleGaps } from '../../analytics/rolling/burstiness-formula.js';
import { Moments } from '../../analytics/rolling/moments.js';
import { ReceiveClock } from '../../analytics/rolling/receive-clock.js';
import {
  finiteOrNull,
  type InterarrivalAnswer,
  type LatencyAnswer,
  type SeriesAnswer,
  type SummaryAnswer,
} from './analytics-answer.js';
import type { SeriesMetric } from './analytics-query.js';
import { DurationsTally, SeriesTally } from './answer-tallies.js';

/** Tells whether anybody still waits for an answer. */
type IsWanted = () => boolean;

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
  async summary(side: SideScope, lastSeconds: number, isWanted?: IsWanted): Promise<SummaryAnswer> {
    const moments = new Moments();
    let [firstTs, lastTs] = [Number.NaN, Number.NaN];
    const complete = await this.scan(
      side,
      lastSeconds,
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
    side: SideScope,
    stepSeconds: number,
    lastSeconds: number,
    isWanted?: IsWanted,
  ): Promise<SeriesAnswer> {
    const nowSeconds = this.clock.now();
    // The starts of points are times of the system's clock as it is now.
    const { backSeconds } = this.clock;
    const tally = new SeriesTally(nowSeconds - backSeconds, lastSeconds, stepSeconds);
    const complete = await this.scan(
      side,
      lastSeconds,
      (row) => {
        tally.add(this.frame.steadyAt(row) - backSeconds, metric === 'trades' ? 1 : this.frame.qtyAt(row));
      },
      isWanted,
    );
    return { metric, side, stepSeconds, lastSeconds, complete, points: tally.points() };
  }

  /** Time from `ts` to receipt. */
  async latency(lastSeconds: number, isWanted?: IsWanted): Promise<LatencyAnswer> {
    const tally = new DurationsTally(METRICS.receiveLatency.buckets);
    let skewed = 0;
    const complete = await this.scan(
      'all',
      lastSeconds,
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
  async interarrival(lastSeconds: number, isWanted?: IsWanted): Promise<InterarrivalAnswer> {
    const tally = new DurationsTally(METRICS.interarrival.buckets);
    const gaps = new Moments();
    const idle = new IdleGaps();
    const complete = await this.scan(
      'all',
      lastSeconds,
      (row) => {
        if (row === this.frame.first) return;
        const seconds = this.frame.steadyAt(row) - this.frame.steadyAt(row - 1);
        tally.add(seconds);
        if (!idle.take(seconds)) gaps.add(seconds);
      },
      isWanted,
    );
    return {
      lastSeconds,
      complete,
      count: gaps.count,
      mean: finiteOrNull(gaps.mean),
      burstiness: finiteOrNull(finiteBurstiness(gaps)),
      plainBurstiness: finiteOrNull(burstiness(gaps)),
      quantiles: tally.quantiles(),
      histogram: tally.histogram(),
    };
  }

  private async scan(
    side: SideScope,
    lastSeconds: number,
    visit: (row: number) => void,
    isWanted?: IsWanted,
  ): Promise<boolean> {
    const since = this.clock.now() - lastSeconds;
    const ofSide =
      side === 'all' ? visit : (row: number) => void (this.frame.sideAt(row) === side && visit(row));
    return (await scanFrame(this.frame, this.turns, since, ofSide, isWanted)).complete;
  }
}
