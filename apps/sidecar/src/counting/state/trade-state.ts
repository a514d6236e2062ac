import type { DeliveryPosition } from '@app/zmq-transport';
import type { TradeRecorder } from '../trade-recorder.js';
import {
  type KeptState,
  NO_COUNTS,
  type NumberedLetter,
  type RejectionCounts,
  type SidecarCounters,
  STATE_FORMAT,
  type StateChange,
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

/**
 * The state that the disk has or will have next. It is not the counts of this very moment: it is captured only between two
 * acknowledged batches, since half a batch without its position would be counted again after a restart.
 */
export class TradeState {
  private counters: SidecarCounters = NO_COUNTS;
  private rejections: KeptRejections | undefined;
  private readonly positionsByProducer = new Map<string, DeliveryPosition>();
  private readonly unsavedLetters = new Map<number, unknown>();
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
    return this.revision !== this.capturedRevision;
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

  /** A batch was handled: captures the counts of now, with the position that belongs to them. */
  takeBatch(position: DeliveryPosition): void {
    this.positionsByProducer.set(position.producer, position);
    this.capture();
    this.currentVersion += 1;
  }

  /**
   * Captures the counts of now, if they changed. Call it only between two batches (`BatchTurns`): there each handled
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

  /** What must be written. When it cannot be written, give the letters back. */
  takeChange(): StateChange {
    const letters = [...this.unsavedLetters].map(([number, letter]) => ({ number, letter }));
    this.unsavedLetters.clear();
    return {
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

  /** Accepts letters that could not be written, except those that were dropped or changed meanwhile. */
  giveBack(letters: readonly NumberedLetter[]): void {
    for (const { number, letter } of letters) {
      if (number >= this.firstLetter && !this.unsavedLetters.has(number)) {
        this.unsavedLetters.set(number, letter);
      }
    }
  }

  private get revision(): number {
    const { buy, sell } = this.recorder.totals();
    return buy.trades + sell.trades + (this.rejections?.total ?? 0);
  }

  private capture(): void {
    this.counters = {
      ...this.counters,
      ...this.recorder.capture(),
      ...this.rejections?.capture(),
    };
    this.capturedRevision = this.revision;
    if (this.rejections !== undefined) this.captureLetters(this.rejections.letters);
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
