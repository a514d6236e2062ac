import { METRICS, ROLLING_WINDOWS, type RollingWindow } from '@app/contracts';
import { pulledGauge, pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { TradeRecorder } from '../../counting/trade-recorder.js';
import type { TradeMetric } from '../trade.metric.js';
import { WindowMetrics } from './window.metric.js';

/** Which way trades go: what was bought against what was sold. It reads what others count. */
@Injectable()
export class FlowMetrics implements TradeMetric {
  constructor(
    private readonly recorder: TradeRecorder,
    private readonly windows: WindowMetrics,
  ) {
    pulledGauge(METRICS.volumeDelta, () => this.delta());
    pulledGauges(METRICS.windowImbalance, (set) => {
      for (const { label: window } of ROLLING_WINDOWS) set({ window }, this.imbalance(window));
    });
  }

  apply(): void {
    // Nothing to add: the totals and the windows have the trades.
  }

  /** Volume bought − sold, over the time that `volume_total` counts. */
  delta(): number {
    const { buy, sell } = this.recorder.totals();
    return buy.volume - sell.volume;
  }

  /** (B − S)/(B + S) of the window's volumes, from −1 to 1; NaN without volume. */
  imbalance(window: RollingWindow): number {
    const { buy, sell } = this.windows.read(window);
    return (buy.volume - sell.volume) / (buy.volume + sell.volume);
  }
}
