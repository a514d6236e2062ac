import { METRICS, SIDE_SCOPES, type SideScope, type TradeEvent } from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { MemoryReader, MemoryWriter, Receipt, TradeMetric } from '../trade.metric.js';

/** After a minute a trade weighs 37 % of what it did, after five less than 1 %. */
const TIME_CONSTANT_SECONDS = 60;

/** The exponentially weighted volume rate, by side and together: newer trades weigh more. */
@Injectable()
export class VolumeEwmaMetric implements TradeMetric {
  readonly isRefilled = true;
  private readonly buy = new DecayingRate(TIME_CONSTANT_SECONDS);
  private readonly sell = new DecayingRate(TIME_CONSTANT_SECONDS);

  constructor(private readonly clock: ReceiveClock) {
    pulledGauges(METRICS.volumeEwma, (set) => {
      const rates = this.read();
      for (const side of SIDE_SCOPES) set({ side }, rates[side]);
    });
  }

  apply(trades: readonly Readonly<TradeEvent>[], { steadySeconds }: Receipt): void {
    for (const { side, qty } of trades) {
      const rate = side === 'buy' ? this.buy : this.sell;
      rate.add(qty, steadySeconds);
    }
  }

  /** Quantity a second, now. */
  read(): Record<SideScope, number> {
    const now = this.clock.now();
    const [buy, sell] = [this.buy.read(now), this.sell.read(now)];
    return { buy, sell, all: buy + sell };
  }

  remember(memory: MemoryWriter): void {
    memory.put(this.buy.read(memory.nowSeconds), this.sell.read(memory.nowSeconds));
  }

  recall(memory: MemoryReader): void {
    this.buy.restore(memory.next(), memory.nowSeconds);
    this.sell.restore(memory.next(), memory.nowSeconds);
  }
}

/**
 * An exponentially weighted rate: each amount counts as amount/τ at first, and its weight falls by e every τ seconds. It
 * decays with time and not with events, so that it goes to 0 in silence and does not depend on how often it is read. A
 * steady stream of r a second shows as r after a few τ.
 */
class DecayingRate {
  private value = 0;
  private atSeconds = Number.NEGATIVE_INFINITY;

  /** @param timeConstantSeconds τ. */
  constructor(private readonly timeConstantSeconds: number) {}

  /** Adds an amount. A time before the last one counts as the last one. */
  add(amount: number, atSeconds: number): void {
    if (atSeconds > this.atSeconds) {
      this.value = this.read(atSeconds);
      this.atSeconds = atSeconds;
    }
    this.value += amount / this.timeConstantSeconds;
  }

  /** Goes on from a rate at a time. */
  restore(value: number, atSeconds: number): void {
    [this.value, this.atSeconds] = [value, atSeconds];
  }

  /** The rate now, in amount a second. Changes nothing. */
  read(nowSeconds: number): number {
    if (nowSeconds <= this.atSeconds || this.value === 0) return this.value;
    return this.value * Math.exp((this.atSeconds - nowSeconds) / this.timeConstantSeconds);
  }
}
