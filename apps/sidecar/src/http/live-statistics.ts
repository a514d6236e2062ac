import { type RollingWindow, type SideScope } from '@app/contracts';
import { epochSeconds } from '@app/transport-core';
import { Injectable } from '@nestjs/common';
import { BurstinessMetric } from '../analytics/metrics/burstiness.metric.js';
import { LatencyQuantileMetric } from '../analytics/metrics/latency-quantile.metric.js';
import { VolumeEwmaMetric } from '../analytics/metrics/volume-ewma.metric.js';
import { WindowMetrics, type WindowStats } from '../analytics/metrics/window.metric.js';

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
