import { METRICS, SIDE_SCOPES, type SideScope, type TradeEvent } from '@app/contracts';
import { pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { DecayingRate } from '../rolling/decaying-rate.js';
import { ReceiveClock } from '../rolling/receive-clock.js';
import type { Receipt, TradeMetric } from '../trade.metric.js';

/** After a minute a trade weighs 37 % of what it did, after five less than 1 %. */
const TIME_CONSTANT_SECONDS = 60;

/** The exponentially weighted volume rate, by side and together: newer trades weigh more. */
@Injectable()
export class VolumeEwmaMetric implements TradeMetric {
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
}
