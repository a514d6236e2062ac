import type { TradeEvent } from '@app/contracts';
import { pulledGauge } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
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
    pulledGauge(DEFINITION, () => this.largest);
  }

  apply(trades: readonly Readonly<TradeEvent>[]): void {
    for (const { qty } of trades) {
      if (qty > this.largest) this.largest = qty;
    }
  }
}
