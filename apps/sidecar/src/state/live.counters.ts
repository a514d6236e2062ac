import { Injectable } from '@nestjs/common';
import { TradeRecorder } from '../recorder/trade.recorder.js';
import { RejectionsService } from '../rejections/rejections.service.js';
import { ReplayTally } from '../rejections/replay.tally.js';
import type { SidecarCounters } from './sidecar.counters.js';

/** The counts as they are now, wherever in the sidecar they live. */
@Injectable()
export class LiveCounters {
  constructor(
    private readonly recorder: TradeRecorder,
    private readonly rejections: RejectionsService,
    private readonly replays: ReplayTally,
  ) {}

  /** A number that grows with every event that was applied or refused. */
  get revision(): number {
    const { buy, sell } = this.recorder.totals();
    return buy.trades + sell.trades + this.rejections.total;
  }

  /** A copy. */
  capture(): SidecarCounters {
    return {
      ...this.recorder.capture(),
      rejected: this.rejections.capture(),
      replayed: this.replays.total,
    };
  }

  /** Goes on from what an earlier process counted; before the first event. */
  restore(counters: SidecarCounters): void {
    this.recorder.restore(counters);
    this.rejections.restore(counters.rejected);
    this.replays.add(counters.replayed);
  }
}
