import { nowSeconds } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { BurstinessMetric } from '../analytics/metrics/burstiness.metric.js';
import { LatencyQuantileMetric } from '../analytics/metrics/latency-quantile.metric.js';
import { VolumeEwmaMetric } from '../analytics/metrics/volume-ewma.metric.js';
import { WindowMetrics } from '../analytics/metrics/window.metrics.js';
import type { StatisticsItem } from './stream.item.js';

/** Reads what the metrics say, for people who look at a page and not at Prometheus. */
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
      atSeconds: nowSeconds(),
      windows: { '1m': this.windows.read('1m'), '5m': this.windows.read('5m') },
      volumeEwma: this.ewma.read(),
      burstiness: this.burstiness.read(),
      latencySeconds: this.latency.read(),
    };
  }
}
