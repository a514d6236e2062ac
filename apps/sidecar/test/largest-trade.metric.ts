import type { TradeEvent } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { liveGauge } from '../src/analytics/live.gauge.js';
import type { TradeMetric } from '../src/analytics/trade.metric.js';

const DEFINITION = {
  name: 'trading_largest_trade_qty',
  help: 'Largest quantity of a trade since the start.',
  labelNames: [],
} as const;

/** The largest trade so far. */
@Injectable()
export class LargestTradeMetric implements TradeMetric {
  private largest = 0;

  constructor() {
    liveGauge(DEFINITION, (set) => set({}, this.largest));
  }

  apply(trades: readonly Readonly<TradeEvent>[]): void {
    for (const { qty } of trades) {
      if (qty > this.largest) this.largest = qty;
    }
  }
}
