import type { Appended, Spool, SpooledBatch, SpoolStats, UnnumberedBatch } from '@app/transport-core';
import { must } from './explorer.js';

/**
 * A spool whose disk can be looked at: what was stored outlives a crash, with a jump in the numbers, and what was
 * released may come back in one, because taking it from the disk takes its time.
 */
export class ModelSpool implements Spool {
  nextSequence = 1;
  batches: SpooledBatch[] = [];
  /** First numbers of the batches that are on their way to the disk, oldest first. */
  unstored: number[] = [];
  /** What the disk still holds although it was released. */
  private unremoved: SpooledBatch[] = [];
  /** Numbers up to here were released. */
  released = 0;

  /** @param isDurable whether what was stored outlives a crash */
  constructor(
    readonly epoch: string,
    readonly isDurable: boolean,
  ) {}

  async open(): Promise<void> {}

  append(unnumbered: UnnumberedBatch): Appended {
    const batch = Object.freeze({ ...unnumbered, first: this.nextSequence });
    this.nextSequence += batch.count;
    this.batches.push(batch);
    if (this.isDurable) {
      this.unstored.push(batch.first);
    }
    return { batch, stored: undefined };
  }

  get events(): number {
    return this.batches.reduce((sum, { count }) => sum + count, 0);
  }

  get bytes(): number {
    return this.batches.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  readFrom(sequence: number): SpooledBatch | undefined {
    return this.batches.find(({ first }) => first >= sequence);
  }

  release(sequence: number): void {
    must(sequence >= this.released, 'the spool is told to release less than before');
    this.released = sequence;
    const isGone = ({ first, count }: SpooledBatch): boolean => first + count - 1 <= sequence;
    if (this.isDurable) {
      this.unremoved.push(...this.batches.filter(isGone));
    }
    this.batches = this.batches.filter((batch) => !isGone(batch));
  }

  dropOldestFrom(sequence: number): SpooledBatch | undefined {
    const dropped = this.readFrom(sequence);
    this.batches = this.batches.filter((batch) => batch !== dropped);
    this.unstored = this.unstored.filter((first) => first !== dropped?.first);
    return dropped;
  }

  /** @param event `epoch/number` */
  holds(event: string): boolean {
    return this.batches.some(
      ({ first, count }) =>
        event.startsWith(`${this.epoch}/`) &&
        isBetween(Number(event.slice(this.epoch.length + 1)), first, count),
    );
  }

  /** The disk has taken the oldest batch it did not have. @returns it */
  store(): SpooledBatch | undefined {
    const first = this.unstored.shift();
    return this.batches.find((batch) => batch.first === first);
  }

  /** The disk did not take it. @returns it */
  failToStore(): SpooledBatch | undefined {
    const batch = this.store();
    this.batches = this.batches.filter((one) => one !== batch);
    return batch;
  }

  /** The disk catches up with what was released. */
  settle(): void {
    this.unremoved = [];
  }

  get isSettled(): boolean {
    return this.unremoved.length === 0;
  }

  /** What the next process finds on the disk. */
  reopened(): ModelSpool {
    const spool = new ModelSpool(this.epoch, true);
    spool.batches = [
      ...this.unremoved,
      ...this.batches.filter(({ first }) => !this.unstored.includes(first)),
    ];
    spool.nextSequence = this.nextSequence + 1;
    return spool;
  }

  /** Not asked for by a session. */
  stats(): SpoolStats {
    return { events: this.batches.length, bytes: 0, oldestAcceptedAtSeconds: Number.NaN };
  }

  async close(): Promise<void> {}
}

function isBetween(number: number, first: number, count: number): boolean {
  return number >= first && number < first + count;
}
