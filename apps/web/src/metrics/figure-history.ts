import type { AppReadings } from './app-readings.js';

/** The headline figures of one moment, as /metrics has them; undefined where an app does not answer. */
export interface HeadlineFigures {
  /** Unix epoch seconds. */
  readonly at: number;
  /** Trades applied a second, between the last two readings. */
  readonly rate: number | undefined;
  /** Volume of the last minute, both sides. */
  readonly volume: number | undefined;
  /** (B − S)/(B + S) of the last minute's volumes; NaN without volume. */
  readonly imbalance: number | undefined;
  /** Seconds from emission to receipt, of the last one to two minutes; NaN without trades. */
  readonly p99: number | undefined;
  /** Events before the sidecar: in the outbox or the spool, and in the broker's stream. */
  readonly waiting: number | undefined;
  /** Events that the sidecar rejected since its counters began. */
  readonly rejected: number | undefined;
}

/** Readings that are kept: a minute of them. */
export const FIGURES_KEPT = 60;

/** What it reads. */
interface HeadlineSources {
  readonly publisher: AppReadings;
  readonly sidecar: AppReadings;
  rate(app: 'sidecar', metric: string): number | undefined;
}

function ofUp(readings: AppReadings): AppReadings['now'] {
  return readings.up ? readings.now : undefined;
}

/** What waits before the sidecar. */
function waitingOf({ publisher, sidecar }: HeadlineSources): number | undefined {
  const exposition = ofUp(publisher)?.exposition;
  const inOutbox = exposition?.sum('trading_transport_queue_depth');
  // What is unacknowledged is 0 where nothing is acknowledged, and contains the outbox where it is.
  const inSpool = exposition?.sum('trading_spool_events') ?? 0;
  const own = inOutbox === undefined ? undefined : Math.max(inOutbox, inSpool);
  const atBroker = ofUp(sidecar)?.exposition.sum('trading_broker_pending');
  return own === undefined ? atBroker : own + (atBroker ?? 0);
}

/** The headline figures of the last readings, oldest first; bounded. */
export class FigureHistory {
  private kept: HeadlineFigures[] = [];

  /** A new array after each reading. */
  get all(): readonly HeadlineFigures[] {
    return this.kept;
  }

  take(metrics: HeadlineSources, at: number): void {
    const exposition = ofUp(metrics.sidecar)?.exposition;
    const figures: HeadlineFigures = {
      at,
      rate: exposition && metrics.rate('sidecar', 'trades_total'),
      volume: exposition?.find('trading_window_volume', { side: 'all', window: '1m' }),
      imbalance: exposition?.find('trading_window_imbalance', { window: '1m' }),
      p99: exposition?.find('trading_receive_latency_quantile_seconds', { quantile: '0.99' }),
      waiting: waitingOf(metrics),
      rejected: exposition?.sum('trading_events_rejected_total'),
    };
    this.kept = [...this.kept, figures].slice(-FIGURES_KEPT);
  }
}
