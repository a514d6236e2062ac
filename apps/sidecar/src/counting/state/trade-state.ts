import type { HistogramSeries, KeptSeries } from '@app/service-kit';
import type { DeliveryPosition } from '@app/zmq-transport';
import type { TradeRecorder } from '../trade-recorder.js';
import {
  type KeptState,
  type KeptValues,
  NO_COUNTS,
  type NumberedLetter,
  type RejectionCounts,
  type SidecarCounters,
  STATE_FORMAT,
  type StateChange,
  type StateRow,
} from './state-record.js';

/** The rejections as the state sees them: their counts and letters continue after a restart too. */
export interface KeptRejections {
  /** All rejections. It grows with every change that must be written, except replays, which the trades show. */
  readonly total: number;
  /** A copy. */
  capture(): RejectionCounts;
  /** Continues the counts and letters of an earlier process; before the first rejection. */
  restore(counts: RejectionCounts, letters: readonly NumberedLetter[]): void;
  readonly letters: {
    readonly size: number;
    /** The number of the oldest letter held; of the next one while there is none. */
    readonly firstNumber: number;
    /** Letters that are new or were replayed since the last call. */
    takeChanged(): readonly NumberedLetter[];
  };
}

/** Counts with labels that continue after a restart, each as exact as the totals. */
export interface KeptRows {
  /** Names them in the kept state: it must stay the same in later versions. */
  readonly part: string;
  /** Grows with every change that trades and rejections do not show; undefined: there is none. */
  readonly revision?: number;
  /** What changed since the last call, by key: JSON, not changed later; undefined for what is gone. */
  takeChanged(): Iterable<readonly [key: string, value: unknown]>;
  /** Continues the counts of an earlier process; before the first event. */
  restore(values: KeptValues): void;
}

/** A histogram's series, each a row. */
export class HistogramRows implements KeptRows {
  private readonly written = new Map<string, number>();

  constructor(
    readonly part: string,
    private readonly series: Readonly<Record<string, HistogramSeries>>,
  ) {}

  *takeChanged(): Iterable<readonly [key: string, value: KeptSeries]> {
    for (const [key, series] of Object.entries(this.series)) {
      if (series.count === (this.written.get(key) ?? 0)) continue;
      this.written.set(key, series.count);
      yield [key, series.kept()];
    }
  }

  restore(values: KeptValues): void {
    for (const [key, series] of Object.entries(this.series)) {
      const value = values.get(key);
      if (value !== undefined) series.restore(value as KeptSeries);
      this.written.set(key, series.count);
    }
  }
}

/** What is remembered of the last minutes: too much for each write. */
export interface SnapshotSource {
  /** Whether trades came since the last one, and it is time for the next. */
  readonly isDue: boolean;
  /** No more trades will come: the next one is due at once. */
  end(): void;
  take(): Buffer;
}

/**
 * The state that the disk has or will have next. It is not the counts of this very moment: it is captured only between two
 * acknowledged batches, since half a batch without its position would be counted again after a restart.
 */
export class TradeState {
  private counters: SidecarCounters = NO_COUNTS;
  private rejections: KeptRejections | undefined;
  private readonly positionsByProducer = new Map<string, DeliveryPosition>();
  private readonly unsavedLetters = new Map<number, unknown>();
  private readonly rows: KeptRows[] = [];
  private readonly unsavedRows = new Map<string, StateRow>();
  private snapshots: SnapshotSource | undefined;
  private unsavedSnapshot: Buffer | undefined;
  private letterCount = 0;
  private firstLetter = 1;
  private capturedRevision = 0;
  private currentVersion = 0;

  /** @param kept what an earlier process wrote; undefined: nothing, or no state is kept */
  constructor(
    private readonly recorder: TradeRecorder,
    private readonly kept?: KeptState,
  ) {
    if (kept === undefined) return;
    for (const position of kept.record.positions) this.positionsByProducer.set(position.producer, position);
    recorder.restore(kept.record.counters);
    this.counters = kept.record.counters;
    this.capturedRevision = this.revision;
  }

  /** Grows with every change. */
  get version(): number {
    return this.currentVersion;
  }

  /** Whether anything was counted since the counts were last captured. */
  get hasChanged(): boolean {
    return this.revision !== this.capturedRevision || this.snapshots?.isDue === true;
  }

  /** How far each producer was handled. */
  get positions(): readonly DeliveryPosition[] {
    return [...this.positionsByProducer.values()];
  }

  /** Adds the rejections to the state, and restores theirs; once, before the first event. */
  include(rejections: KeptRejections): void {
    if (this.kept !== undefined) rejections.restore(this.kept.record.counters, this.kept.letters);
    this.rejections = rejections;
    this.capture();
  }

  /** Adds counts with labels to the state, and restores them; before the first event. */
  includeRows(rows: KeptRows): void {
    if (this.kept === undefined) return;
    rows.restore(this.kept.rows.get(rows.part) ?? new Map());
    this.rows.push(rows);
  }

  /** Keeps snapshots of this source. @returns the one that an earlier process kept */
  includeSnapshots(source: SnapshotSource): Buffer | undefined {
    if (this.kept === undefined) return undefined;
    this.snapshots = source;
    return this.kept.snapshot;
  }

  /** Nothing is counted any more: what is taken next is the last. */
  end(): void {
    this.snapshots?.end();
  }

  /** A batch was handled: captures the present counts with the position that belongs to them. */
  takeBatch(position: DeliveryPosition): void {
    this.positionsByProducer.set(position.producer, position);
    this.capture();
    this.currentVersion += 1;
  }

  /**
   * Captures the present counts, if they changed. Call it only between two batches (`BatchTurns`): there each handled
   * batch has had its `takeBatch`, and none is half done, so the counts agree with the positions.
   */
  takeBetweenBatches(): void {
    if (!this.hasChanged) return;
    this.capture();
    this.currentVersion += 1;
  }

  /** Removes the position of a producer. */
  forget(producer: string): void {
    if (this.positionsByProducer.delete(producer)) this.currentVersion += 1;
  }

  /** What must be written. When it cannot be written, give it back. */
  takeChange(): StateChange {
    const letters = [...this.unsavedLetters].map(([number, letter]) => ({ number, letter }));
    this.unsavedLetters.clear();
    const rows = [...this.unsavedRows.values()];
    this.unsavedRows.clear();
    const snapshot = this.unsavedSnapshot;
    this.unsavedSnapshot = undefined;
    return {
      rows,
      snapshot,
      record: {
        format: STATE_FORMAT,
        counters: this.counters,
        positions: this.positions,
        letters: this.letterCount,
      },
      letters,
      firstLetter: this.firstLetter,
    };
  }

  /** Accepts what could not be written, except what was dropped or changed meanwhile. */
  giveBack({ letters, rows, snapshot }: StateChange): void {
    this.unsavedSnapshot ??= snapshot;
    for (const row of rows) {
      const name = nameOf(row);
      if (!this.unsavedRows.has(name)) this.unsavedRows.set(name, row);
    }
    for (const { number, letter } of letters) {
      if (number >= this.firstLetter && !this.unsavedLetters.has(number)) {
        this.unsavedLetters.set(number, letter);
      }
    }
  }

  private get revision(): number {
    const { buy, sell } = this.recorder.totals();
    const others = this.rows.reduce((sum, { revision = 0 }) => sum + revision, 0);
    return buy.trades + sell.trades + (this.rejections?.total ?? 0) + others;
  }

  private capture(): void {
    this.counters = {
      ...this.counters,
      ...this.recorder.capture(),
      ...this.rejections?.capture(),
    };
    this.capturedRevision = this.revision;
    if (this.rejections !== undefined) this.captureLetters(this.rejections.letters);
    for (const rows of this.rows) {
      for (const [key, value] of rows.takeChanged()) {
        const row = { part: rows.part, key, value };
        this.unsavedRows.set(nameOf(row), row);
      }
    }
    if (this.snapshots?.isDue === true) this.unsavedSnapshot = this.snapshots.take();
  }

  private captureLetters(letters: KeptRejections['letters']): void {
    const { firstNumber, size } = letters;
    // Letters that were dropped need not be written any more: so this stays as small as the ring while the disk fails.
    for (const number of this.unsavedLetters.keys()) {
      if (number < firstNumber) this.unsavedLetters.delete(number);
    }
    this.firstLetter = firstNumber;
    this.letterCount = size;
    for (const { number, letter } of letters.takeChanged()) this.unsavedLetters.set(number, letter);
  }
}

/** No part has a blank in its name. */
function nameOf({ part, key }: StateRow): string {
  return `${part} ${key}`;
}
