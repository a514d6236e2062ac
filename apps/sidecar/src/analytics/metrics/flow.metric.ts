import { METRICS, ROLLING_WINDOWS, type RollingWindow, type TradeEvent } from '@app/contracts';
import { pulledGauge, pulledGauges } from '@app/service-kit';
import { Injectable } from '@nestjs/common';
import { SidecarConfig } from '../../config/sidecar.config.js';
import { TradeRecorder } from '../../counting/trade-recorder.js';
import type { MemoryReader, MemoryWriter, TradeMetric } from '../trade.metric.js';
import { WindowMetrics } from './window.metric.js';

/** Trades that are looked at for the volume of a bucket, and how many of their mean quantity fill one. */
const SAMPLE_TRADES = 1000;
const TRADES_A_BUCKET = 100;

/** Buckets of a reading, as in the paper. */
export const VPIN_BUCKETS = 50;

/**
 * The volume-synchronized probability of informed trading, VPIN: trades fill buckets of equal volume V one after the other, a
 * trade being split where a bucket is full, and VPIN is the mean of |bought − sold| / V over the last 50 full buckets (Easley,
 * López de Prado and O'Hara, "Flow Toxicity and Liquidity in a High-frequency World", RFS 25, 1457, 2012). The paper guesses
 * sides from prices; ours are known. A trade costs O(1), however many buckets it fills.
 */
export class VolumeBuckets {
  /** |bought − sold| of full buckets; the oldest is at `next` once there are 50. */
  private readonly imbalances = new Float64Array(VPIN_BUCKETS);
  private full = 0;
  private next = 0;
  private bought = 0;
  private filled = 0;
  private sample: { readonly quantities: Float64Array; trades: number } | undefined;

  private volume: number | undefined;

  /** @param setVolume V. Left out: a hundred times the mean quantity of the first thousand trades, which then count */
  constructor(private readonly setVolume?: number) {
    this.volume = setVolume;
    if (setVolume === undefined) this.sample = { quantities: new Float64Array(SAMPLE_TRADES), trades: 0 };
  }

  /** V; NaN before it is known. */
  get bucketVolume(): number {
    return this.volume ?? Number.NaN;
  }

  /** Adds a trade. */
  add(isBuy: boolean, qty: number): void {
    if (this.volume === undefined) this.takeSample(isBuy, qty);
    else this.fill(isBuy, qty, this.volume);
  }

  /** From 0 to 1; NaN before 50 buckets are full. */
  read(): number {
    if (this.full < VPIN_BUCKETS || this.volume === undefined) return Number.NaN;
    let sum = 0;
    for (const imbalance of this.imbalances) sum += imbalance;
    return sum / (VPIN_BUCKETS * this.volume);
  }

  remember(memory: MemoryWriter): void {
    memory.put(this.setVolume ?? Number.NaN, this.volume ?? Number.NaN);
    memory.put(this.full, this.next, this.bought, this.filled, ...this.imbalances);
    const sample = this.sample?.quantities.subarray(0, this.sample.trades) ?? [];
    memory.put(sample.length, ...sample);
  }

  /** Goes on from other buckets, unless V was set to something else meanwhile: then it begins anew. */
  recall(memory: MemoryReader): void {
    if (!Object.is(memory.next(), this.setVolume ?? Number.NaN)) return;
    const volume = memory.next();
    [this.full, this.next, this.bought, this.filled] = [
      memory.next(),
      memory.next(),
      memory.next(),
      memory.next(),
    ];
    for (let bucket = 0; bucket < VPIN_BUCKETS; bucket += 1) this.imbalances[bucket] = memory.next();
    if (!Number.isNaN(volume)) {
      this.volume = volume;
      this.sample = undefined;
    }
    for (let left = memory.next(); left > 0; left -= 1) {
      const signed = memory.next();
      this.takeSample(signed > 0, Math.abs(signed));
    }
  }

  /** Sold quantities are kept as negative ones; a quantity of 0 fills nothing. */
  private takeSample(isBuy: boolean, qty: number): void {
    const { sample } = this;
    if (sample === undefined || qty === 0) return;
    sample.quantities[sample.trades] = isBuy ? qty : -qty;
    sample.trades += 1;
    if (sample.trades < SAMPLE_TRADES) return;
    const sum = sample.quantities.reduce((total, signed) => total + Math.abs(signed), 0);
    const volume = (sum * TRADES_A_BUCKET) / SAMPLE_TRADES;
    this.volume = volume;
    this.sample = undefined;
    for (const signed of sample.quantities) this.fill(signed > 0, Math.abs(signed), volume);
  }

  private fill(isBuy: boolean, qty: number, volume: number): void {
    const room = volume - this.filled;
    if (qty < room) {
      this.put(isBuy, qty);
      return;
    }
    this.put(isBuy, room);
    this.close(Math.abs(2 * this.bought - volume));
    const rest = qty - room;
    const whole = Math.floor(rest / volume);
    // Whole buckets of one trade are all of one side; only the newest 50 are kept.
    for (let more = Math.min(whole, VPIN_BUCKETS); more > 0; more -= 1) this.close(volume);
    this.put(isBuy, Math.max(0, rest - whole * volume));
  }

  private put(isBuy: boolean, qty: number): void {
    this.filled += qty;
    if (isBuy) this.bought += qty;
  }

  private close(imbalance: number): void {
    this.imbalances[this.next] = imbalance;
    this.next = (this.next + 1) % VPIN_BUCKETS;
    this.full = Math.min(VPIN_BUCKETS, this.full + 1);
    this.filled = 0;
    this.bought = 0;
  }
}

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
    pulledGauge(METRICS.vpin, () => this.buckets.read());
    pulledGauge(METRICS.volumeDelta, () => this.delta());
    pulledGauges(METRICS.windowImbalance, (set) => {
      for (const { label: window } of ROLLING_WINDOWS) set({ window }, this.imbalance(window));
    });
  }

  apply(trades: readonly Readonly<TradeEvent>[]): void {
    for (const { side, qty } of trades) this.buckets.add(side === 'buy', qty);
  }

  remember(memory: MemoryWriter): void {
    this.buckets.remember(memory);
  }

  recall(memory: MemoryReader): void {
    this.buckets.recall(memory);
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
