import { QueryObserver, type QueryClient } from '@tanstack/react-query';
import { ChangeSignal } from '../feed/change-signal.js';
import { BucketHistory } from '../latency/bucket-history.js';
import { askText } from '../net/problem-error.js';
import { askHealth } from './health-client.js';
import { startOf, type AppReadings } from './app-readings.js';
import { Exposition } from './exposition.js';
import { FigureHistory } from './figure-history.js';

const EVERY_MS = 1000;
const HISTORY_SECONDS = 900;

/** The stages of a trade's way, which app measures each, and whether it is part of the time from emission to receipt. */
export const STAGES = [
  { name: 'accepted_to_sent', app: 'publisher', title: 'accepted → sent', isPart: true },
  {
    name: 'sent_to_received',
    app: 'sidecar',
    title: 'sent → received',
    isPart: true,
    needs: 'SENT_TIME=true',
  },
  { name: 'received_to_applied', app: 'sidecar', title: 'received → applied', isPart: false },
] as const;

/** Reads both apps' metrics once a second, and keeps a quarter of an hour of their latency histograms. */
export class MetricsWatch {
  readonly signal = new ChangeSignal();
  readonly publisher: AppReadings = {};
  readonly sidecar: AppReadings = {};
  readonly latency = new BucketHistory(HISTORY_SECONDS);
  readonly interarrival = new BucketHistory(HISTORY_SECONDS);
  /** Whether the sidecar's totals continue those of earlier processes; undefined until it has answered. */
  keepsState: boolean | undefined;
  readonly stages = STAGES.map((stage) => ({ ...stage, history: new BucketHistory(HISTORY_SECONDS) }));
  /** The headline figures of the readings so far. */
  readonly figures = new FigureHistory();
  private stopAsking: (() => void) | undefined;

  constructor(private readonly client: QueryClient) {}

  start(): void {
    const queryFn = () => this.read().then(() => Date.now());
    const observer = new QueryObserver(this.client, {
      queryKey: ['metrics'],
      queryFn,
      refetchInterval: EVERY_MS,
    });
    this.stopAsking ??= observer.subscribe(() => undefined);
  }

  stop(): void {
    this.stopAsking?.();
    this.stopAsking = undefined;
  }

  /** Growth of a counter between the last two readings, a second; undefined before there are two. */
  rate(app: 'publisher' | 'sidecar', metric: string): number | undefined {
    const { now, before } = this[app];
    const last = now?.exposition.sum(metric);
    const first = before?.exposition.sum(metric);
    if (!now || !before || last === undefined || first === undefined || now.at === before.at)
      return undefined;
    // A new process has counted from its own start.
    const grown = startOf(now) === startOf(before) ? last - first : last;
    return Math.max(0, grown) / (now.at - before.at);
  }

  private async read(): Promise<void> {
    // One time for both apps: comparisons then use the same readings, however long each took.
    const at = Date.now() / 1000;
    await Promise.all([
      this.readOne('metrics', this.publisher),
      this.readOne('sidecar/metrics', this.sidecar),
    ]);
    await this.readKeptState();
    this.keep(at, 'sidecar', this.latency, 'trading_receive_latency_seconds');
    this.keep(at, 'sidecar', this.interarrival, 'trading_interarrival_seconds');
    for (const { name, app, history } of this.stages) {
      this.keep(at, app, history, 'trading_stage_latency_seconds', { stage: name });
    }
    this.figures.take(this, at);
    this.signal.changedNow();
  }

  /** Asked once for each process: a sidecar with kept state has a check for it in its health answer. */
  private async readKeptState(): Promise<void> {
    const { now, before, up } = this.sidecar;
    if (!now || !up) return;
    if (before && startOf(now) !== startOf(before)) this.keepsState = undefined;
    if (this.keepsState !== undefined) return;
    const { details } = await askHealth('sidecar/health');
    if (details) this.keepsState = 'state' in details;
  }

  private keep(
    at: number,
    app: 'publisher' | 'sidecar',
    history: BucketHistory,
    metric: string,
    labels?: Readonly<Record<string, string>>,
  ): void {
    const { now, up } = this[app];
    if (now && up) history.take(at, now.exposition.buckets(metric, labels), startOf(now));
  }

  private async readOne(url: string, readings: AppReadings): Promise<void> {
    try {
      const exposition = new Exposition(await askText(url));
      readings.before = readings.now;
      readings.now = { at: Date.now() / 1000, exposition };
      readings.up = true;
    } catch (error) {
      readings.up = false;
      readings.fault = {
        message: error instanceof Error ? error.message : String(error),
        at: Date.now() / 1000,
      };
    }
  }
}
