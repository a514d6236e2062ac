import { METRICS, ROLLING_WINDOWS, type RollingWindow, type TradeEvent } from '@app/contracts';
import { pulledGauge, pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { SidecarConfig } from '../../config/sidecar.config.js';
import { TradeRecorder } from '../../counting/trade-recorder.js';
import { VolumeBuckets } from '../rolling/volume-buckets.js';
import type { TradeMetric } from '../trade.metric.js';
import { WindowMetrics } from './window.metric.js';

/** Which way trades go: what was bought against what was sold. */
@Injectable()
export class FlowMetrics implements TradeMetric {
  private readonly buckets: VolumeBuckets;

  constructor(
    private readonly recorder: TradeRecorder,
    private readonly windows: WindowMetrics,
    { VPIN_BUCKET_VOLUME }: SidecarConfig,
  ) {
    this.buckets = new VolumeBuckets(VPIN_BUCKET_VOLUME);
    pulledGauge(METRICS.volumeDelta, () => this.delta());
    pulledGauges(METRICS.windowImbalance, (set) => {
      for (const { label: window } of ROLLING_WINDOWS) set({ window }, this.imbalance(window));
    });
    pulledGauge(METRICS.vpin, () => this.buckets.read());
  }

  apply(trades: readonly Readonly<TradeEvent>[]): void {
    for (const { side, qty } of trades) this.buckets.add(side === 'buy', qty);
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
