import type { DeliveryPosition } from '@app/zmq-transport';
import type { DeadLetter, NumberedLetter } from '../rejections/dead-letter.js';
import type { DeadLetterRing } from '../rejections/dead-letter.ring.js';
import type { LiveCounters } from './live.counters.js';
import { NO_COUNTS, type SidecarCounters } from './sidecar.counters.js';
import { STATE_FORMAT, type KeptState, type StateChange } from './state.record.js';

/**
 * The state that the disk has or will have next. It is not the counts of this very moment: it is taken between two
 * acknowledged batches only, since half a batch without its position would be counted again after a restart.
 */
export class TradeState {
  private counters: SidecarCounters = NO_COUNTS;
  private readonly positionsByProducer = new Map<string, DeliveryPosition>();
  private readonly unsavedLetters = new Map<number, DeadLetter>();
  private letterCount = 0;
  private firstLetter = 1;
  private capturedRevision = 0;
  private currentVersion = 0;

  constructor(
    private readonly live: LiveCounters,
    private readonly ring: DeadLetterRing,
  ) {}

  /** Grows with every change. */
  get version(): number {
    return this.currentVersion;
  }

  /** Whether anything was counted since the counts were last taken. */
  get hasChanged(): boolean {
    return this.live.revision !== this.capturedRevision;
  }

  /** How far each producer was handled. */
  get positions(): readonly DeliveryPosition[] {
    return [...this.positionsByProducer.values()];
  }

  /** Puts everything back as an earlier process left it; before the first event. */
  restore({ record, letters }: KeptState): void {
    for (const position of record.positions) this.positionsByProducer.set(position.producer, position);
    this.live.restore(record.counters);
    this.ring.restore(letters);
    this.take();
  }

  /** A batch was handled: takes the counts of now, with the position that belongs to them. */
  takeBatch(position: DeliveryPosition): void {
    this.positionsByProducer.set(position.producer, position);
    this.take();
  }

  /**
   * Takes the counts of now, if they changed. Only in `ZmqServer.runExclusive`: there each batch that was handled has
   * had its `takeBatch`, and none is half done, so that the counts agree with the positions.
   */
  takeBetweenBatches(): void {
    if (this.hasChanged) this.take();
  }

  /** Lets go of a producer. */
  forget(producer: string): void {
    if (this.positionsByProducer.delete(producer)) this.currentVersion += 1;
  }

  /** What has to be written; give the letters back if it could not be. */
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

  /** Takes back letters that could not be written, except those that were let go or changed since. */
  giveBack(letters: readonly NumberedLetter[]): void {
    for (const { number, letter } of letters) {
      if (number >= this.firstLetter && !this.unsavedLetters.has(number)) {
        this.unsavedLetters.set(number, letter);
      }
    }
  }

  private take(): void {
    this.counters = this.live.capture();
    this.capturedRevision = this.live.revision;
    this.takeLetters();
    this.currentVersion += 1;
  }

  private takeLetters(): void {
    const { firstNumber, size } = this.ring;
    // What the ring let go need not be written any more: that keeps this as small as the ring while the disk fails.
    for (const number of this.unsavedLetters.keys()) {
      if (number < firstNumber) this.unsavedLetters.delete(number);
    }
    this.firstLetter = firstNumber;
    this.letterCount = size;
    for (const { number, letter } of this.ring.takeChanged()) this.unsavedLetters.set(number, letter);
  }
}
