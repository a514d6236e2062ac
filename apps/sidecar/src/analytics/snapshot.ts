import { crc32 } from 'node:zlib';
import { METRICS } from '@app/contracts';
import { pulledCounters, pulledGauge } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { type SnapshotSource, TradeState } from '../counting/state/trade-state.js';
import { TradeRecorder } from '../counting/trade-recorder.js';
import { ReceiveClock } from './rolling/receive-clock.js';
import { TRADE_METRICS } from './trade-analysis.js';
import { MemoryReader, MemoryWriter, type TradeMetric } from './trade.metric.js';

/** Changes with the form of a snapshot, that is with what any metric remembers. */
const VERSION = 1;
/** Checksum, version, and the length of the texts. */
const HEAD_BYTES = 12;
const MIN_INTERVAL_MS = 1000;
/** Taking snapshots costs a hundredth of the time at most, however much there is to remember. */
const LEAST_PAUSES = 100;

/** Why a snapshot that was found is not used. */
export const SNAPSHOT_FAULTS = ['damaged', 'version', 'ahead'] as const;

type SnapshotFault = (typeof SNAPSHOT_FAULTS)[number];

/** The parts of a snapshot. */
interface SnapshotText {
  /** By the system's clock, in unix epoch seconds. */
  readonly atSeconds: number;
  /** The trades that were counted by then. */
  readonly trades: number;
  /** Of each metric, by its class: how many numbers, and its texts. */
  readonly parts: readonly (readonly [metric: string, numbers: number, texts: readonly string[]])[];
}

/** One buffer: checksum of the rest, version, length of the text, the text in JSON, the numbers. */
function pack(text: SnapshotText, numbers: readonly Float64Array[]): Buffer {
  const json = Buffer.from(JSON.stringify(text));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(VERSION, 4);
  head.writeUInt32LE(json.length, 8);
  const body = numbers.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  const packed = Buffer.concat([head, json, ...body]);
  packed.writeUInt32LE(crc32(packed.subarray(4)), 0);
  return packed;
}

/** Also for bytes that are no snapshot. */
function unpack(packed: Buffer): { text: SnapshotText; numbers: Float64Array } | SnapshotFault {
  if (packed.length < HEAD_BYTES || packed.readUInt32LE(0) !== crc32(packed.subarray(4))) return 'damaged';
  if (packed.readUInt32LE(4) !== VERSION) return 'version';
  const end = HEAD_BYTES + packed.readUInt32LE(8);
  try {
    const text = JSON.parse(packed.toString('utf8', HEAD_BYTES, end)) as SnapshotText;
    // A copy: doubles must begin at a multiple of eight.
    return { text, numbers: new Float64Array(Uint8Array.from(packed.subarray(end)).buffer) };
  } catch {
    // Its checksum is right, and it is none of ours.
    return 'damaged';
  }
}

/**
 * Keeps what the metrics remember of the last minutes over a restart, beside the counts and written after them: a trade that
 * comes again after a kill is in neither. A snapshot that cannot be used costs that memory, and nothing else.
 */
@Injectable()
export class AnalyticsSnapshot implements SnapshotSource {
  private readonly logger = new Logger(AnalyticsSnapshot.name);
  private readonly remembering: readonly TradeMetric[];
  private readonly discarded: Record<SnapshotFault, number> = { damaged: 0, version: 0, ahead: 0 };
  private hasNews = false;
  private isLast = false;
  private dueMs = 0;
  private takenSeconds = Number.NaN;

  constructor(
    @Inject(TRADE_METRICS) metrics: readonly TradeMetric[],
    private readonly clock: ReceiveClock,
    state: TradeState,
    private readonly recorder: TradeRecorder,
  ) {
    recorder.onApplied(() => {
      this.hasNews = true;
    });
    this.remembering = metrics.filter(
      ({ remember, recall }) => remember !== undefined && recall !== undefined,
    );
    for (const { keptRows } of metrics) if (keptRows !== undefined) state.includeRows(keptRows);
    const kept = state.includeSnapshots(this);
    if (kept !== undefined) this.recall(kept);
    pulledGauge(METRICS.snapshotAge, () => this.ageSeconds);
    pulledCounters(METRICS.snapshotsDiscarded, 'reason', () => this.discarded);
  }

  /** How old the newest snapshot is, of this process or of the one before; NaN without one. */
  get ageSeconds(): number {
    return Math.max(0, epochSeconds() - this.takenSeconds);
  }

  get isDue(): boolean {
    return this.hasNews && (this.isLast || performance.now() >= this.dueMs);
  }

  end(): void {
    this.isLast = true;
  }

  take(): Buffer {
    const startMs = performance.now();
    const nowSeconds = this.clock.now();
    const parts = this.remembering.map((metric) => {
      const memory = new MemoryWriter(nowSeconds);
      metric.remember?.(memory);
      return { name: metric.constructor.name, memory };
    });
    this.takenSeconds = nowSeconds - this.clock.backSeconds;
    const packed = pack(
      {
        atSeconds: this.takenSeconds,
        trades: this.tradesCounted(),
        parts: parts.map(({ name, memory }) => [name, memory.numbers.length, memory.texts]),
      },
      parts.map(({ memory }) => memory.numbers),
    );
    this.hasNews = false;
    const tookMs = performance.now() - startMs;
    this.dueMs = startMs + Math.max(MIN_INTERVAL_MS, LEAST_PAUSES * tookMs);
    return packed;
  }

  private recall(packed: Buffer): void {
    const found = unpack(packed);
    if (typeof found === 'string') {
      this.discard(found, `is ${found === 'version' ? 'of another version' : 'damaged'}`);
      return;
    }
    const { atSeconds, trades, parts } = found.text;
    if (trades > this.tradesCounted()) {
      this.discard('ahead', 'has trades that the counts lack');
      return;
    }
    this.takenSeconds = atSeconds;
    const gapSeconds = this.ageSeconds;
    let at = 0;
    for (const [name, length, texts] of parts) {
      const numbers = found.numbers.subarray(at, at + length);
      at += length;
      const metric = this.remembering.find((candidate) => candidate.constructor.name === name);
      try {
        metric?.recall?.(new MemoryReader(this.clock.now() - gapSeconds, numbers, texts));
      } catch (error) {
        this.discard('damaged', `has a part that ${name} cannot read: ${String(error)}`);
      }
    }
    this.logger.log(`windows, quantiles and prices continue from a snapshot ${gapSeconds.toFixed(1)} s old`);
  }

  private tradesCounted(): number {
    const { buy, sell } = this.recorder.totals();
    return buy.trades + sell.trades;
  }

  private discard(fault: SnapshotFault, what: string): void {
    this.discarded[fault] += 1;
    this.logger.warn(
      `the snapshot of windows, quantiles and prices ${what}: these start empty, the counts continue`,
    );
  }
}
