import { METRICS, SIDE_SCOPES, type SideScope, type TradeEvent } from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { ReceiveClock } from '../rolling/receive-clock.js';
import { TwoSpans } from '../rolling/recent-quantiles.js';
import type { MemoryReader, MemoryWriter, Receipt, TradeMetric } from '../trade.metric.js';

const SPAN_SECONDS = 60;
const QUANTILES = [0.5, 0.9, 0.99, 0.999] as const;

/** The largest relative error of a quantile. */
const RELATIVE_ERROR = 0.01;
const GAMMA = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
/** Smaller values count as 0. */
const SMALLEST = 1e-12;
const LARGEST = 1e15;
const FIRST = bucketOf(SMALLEST);
const BUCKETS = bucketOf(LARGEST) - FIRST + 1;

/** The bucket of a value: bucket `i` holds (γ^(i−1), γ^i]. */
function bucketOf(value: number): number {
  return Math.ceil(Math.log(value) / LOG_GAMMA);
}

/**
 * Values from 0 to 1e15 by buckets whose bounds grow by γ = 1.01/0.99, so that any quantile is known to 1 % of its value (the
 * DDSketch of Masson, Rim and Lee, PVLDB 12, 2195, 2019, with a fixed range). Adding costs O(1) and allocates nothing; 25 kB.
 */
export class LogBuckets {
  private readonly counts = new Float64Array(BUCKETS);
  private zeros = 0;
  private total = 0;

  get count(): number {
    return this.total;
  }

  /** @param value from 0 to 1e15 */
  put(value: number): void {
    this.total += 1;
    if (value < SMALLEST) {
      this.zeros += 1;
      return;
    }
    const index = Math.min(BUCKETS - 1, Math.max(0, bucketOf(value) - FIRST));
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  /** Takes in the values of another. */
  add({ counts, zeros, total }: LogBuckets): void {
    this.zeros += zeros;
    this.total += total;
    for (let index = 0; index < BUCKETS; index += 1) {
      this.counts[index] = (this.counts[index] ?? 0) + (counts[index] ?? 0);
    }
  }

  reset(): void {
    this.counts.fill(0);
    this.zeros = 0;
    this.total = 0;
  }

  remember(memory: MemoryWriter): void {
    memory.put(this.zeros, this.total);
    memory.putCounts(this.counts);
  }

  recall(memory: MemoryReader): void {
    this.zeros = memory.next();
    this.total = memory.next();
    memory.nextCounts(this.counts);
  }

  /** The value of rank ⌊q·(n−1)⌋, to 1 %; NaN without values. @param q from 0 to 1 */
  quantile(q: number): number {
    if (this.total === 0) return Number.NaN;
    const rank = Math.floor(q * (this.total - 1));
    let seen = this.zeros;
    if (rank < seen) return 0;
    for (let index = 0; index < BUCKETS; index += 1) {
      seen += this.counts[index] ?? 0;
      // In the middle of the bucket's bounds, relative to either.
      if (rank < seen) return (2 * GAMMA ** (index + FIRST)) / (GAMMA + 1);
    }
    return LARGEST;
  }
}

/** Quantiles of the quantities of the last one to two minutes, by side and together. */
@Injectable()
export class QtyQuantileMetric implements TradeMetric {
  readonly isRefilled = true;
  private readonly buy: TwoSpans<LogBuckets>;
  private readonly sell: TwoSpans<LogBuckets>;

  constructor(private readonly clock: ReceiveClock) {
    const spans = (): TwoSpans<LogBuckets> =>
      new TwoSpans(() => new LogBuckets(), SPAN_SECONDS, clock.startSeconds);
    [this.buy, this.sell] = [spans(), spans()];
    const gauge = pulledGauges(METRICS.qtyQuantile, (set) => {
      for (const side of SIDE_SCOPES) {
        const quantities = this.read(side);
        for (const quantile of QUANTILES) {
          set({ side, quantile: String(quantile) }, quantities.quantile(quantile));
        }
      }
    });
    // As with the quantiles of latency: Prometheus reserves the label `quantile` for summaries.
    Object.assign(gauge, { type: 'summary' });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    const buy = this.buy.at(steadySeconds);
    const sell = this.sell.at(steadySeconds);
    for (const { side, qty } of trades) (side === 'buy' ? buy : sell).put(qty);
  }

  remember(memory: MemoryWriter): void {
    this.buy.remember(memory);
    this.sell.remember(memory);
  }

  recall(memory: MemoryReader): void {
    this.buy.recall(memory);
    this.sell.recall(memory);
  }

  /** The recent quantities. Use them before the next reading. */
  read(side: SideScope): LogBuckets {
    const now = this.clock.now();
    if (side !== 'all') return this[side].read(now);
    const all = new LogBuckets();
    all.add(this.buy.read(now));
    all.add(this.sell.read(now));
    return all;
  }
}
