import { DiskReserve } from './disk.reserve.js';
import type { LmdbStore } from './lmdb.store.js';
import type { SpooledBatch } from './spool.js';
import type { SpoolMeta } from './spool.record.js';

/** Numbers that are reserved at a time: a process that dies leaves the rest of them out, of the 2^53 that there are. */
const RESERVED_NUMBERS = 2 ** 24;

/** Writes to the store, with what a spool has to see to: numbers are reserved in time, and a full disk can be left. */
export class SpoolCommitter {
  /** The last write failed. */
  isFailing = false;

  /**
   * @param nextSequence tells the number that the next event will get.
   * @param onReserveFailed hears why the reserve could not be taken again. What was written is safe all the same.
   */
  constructor(
    private readonly store: LmdbStore,
    private readonly reserve: DiskReserve,
    private meta: SpoolMeta,
    private readonly nextSequence: () => number,
    private readonly onReserveFailed: (cause: unknown) => void,
  ) {}

  /** Numbers below this one may be given. */
  get unusedFrom(): number {
    return this.meta.unusedFrom;
  }

  /** Makes all of it durable, or none; the reservation of numbers is renewed with it, well before it is used up. */
  async commit(puts: readonly SpooledBatch[], removals: readonly number[]): Promise<void> {
    const next = this.nextSequence();
    const isShort = this.meta.unusedFrom - next < RESERVED_NUMBERS / 2;
    const meta = isShort ? { ...this.meta, unusedFrom: next + RESERVED_NUMBERS } : this.meta;
    const makesRoom = this.isFailing && puts.length === 0;
    if (makesRoom) {
      this.reserve.give();
    }
    try {
      await this.store.commit(puts, removals, isShort ? meta : undefined);
      if (makesRoom) {
        // lmdb uses freed pages again from the second transaction on: this is the first.
        await this.store.commit([], [], meta);
      }
    } catch (error) {
      this.isFailing = true;
      throw error;
    }
    this.meta = meta;
    if (this.isFailing) {
      this.isFailing = false;
      this.retakeReserve();
    }
  }

  /** The last commit of a process that ends in order: it leaves no numbers out. */
  async seal(): Promise<void> {
    if (this.isFailing) {
      this.reserve.give();
    }
    await this.store.commit([], [], { ...this.meta, unusedFrom: this.nextSequence() });
    this.retakeReserve();
  }

  /** Behind a commit that worked: nobody may be told that it did not. */
  private retakeReserve(): void {
    try {
      this.reserve.take();
    } catch (cause) {
      this.onReserveFailed(cause);
    }
  }
}
