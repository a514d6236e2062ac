import { SpoolFailedError } from '../errors.js';
import { DiskReserve } from './disk.js';
import type { LmdbStore, SpoolMeta } from './lmdb-store.js';
import type { SpooledBatch } from './spool.js';

/** Numbers that are reserved at a time, of 2^53. When a process dies, the rest of its reservation stays unused. */
const RESERVED_NUMBERS = 2 ** 24;

/** Writes to the store for a spool: it reserves numbers in time, and gets a full disk working again. */
export class SpoolCommitter {
  /** The last write failed. */
  isFailing = false;

  /**
   * @param nextSequence tells the number that the next event will get.
   * @param onReserveFailed gets the reason why the reserve could not be taken again. What was written is safe.
   */
  constructor(
    private readonly store: LmdbStore,
    private readonly reserve: DiskReserve,
    private meta: SpoolMeta,
    private readonly nextSequence: () => number,
    private readonly onReserveFailed: (cause: unknown) => void,
  ) {}

  /** Numbers below this one may be assigned. */
  get unusedFrom(): number {
    return this.meta.unusedFrom;
  }

  /** Makes all of it durable, or none. It also renews the reservation of numbers well before that is used up. */
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
        // lmdb reuses freed pages from the second later transaction on: this is the first.
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

  /** The last commit of a process that ends in order: it leaves no gap in the numbers. */
  async seal(): Promise<void> {
    if (this.isFailing) {
      this.reserve.give();
    }
    await this.store.commit([], [], { ...this.meta, unusedFrom: this.nextSequence() });
    this.retakeReserve();
  }

  /** Runs after a successful commit: its own failure must not make that commit look failed. */
  private retakeReserve(): void {
    try {
      this.reserve.take();
    } catch (cause) {
      this.onReserveFailed(cause);
    }
  }
}

/** What a group writer writes with. */
export interface GroupTarget {
  /** Makes all of it durable, or none. It is never called while an earlier call runs. */
  commit(puts: readonly SpooledBatch[], removals: readonly number[]): Promise<void>;
  /** These batches are on the disk. */
  onStored(puts: readonly SpooledBatch[]): void;
  /**
   * These batches could not be written.
   * @returns the error that their promises reject with
   */
  onFailed(puts: readonly SpooledBatch[], cause: unknown): SpoolFailedError;
  /** These batches are removed from the disk. */
  onRemoved(removals: readonly number[]): void;
}

interface PendingPut {
  readonly batch: SpooledBatch;
  readonly resolve: () => void;
  readonly reject: (error: SpoolFailedError) => void;
}

/** A larger group would save hardly any flushes, and would delay the events that wait for it. */
const MAX_GROUP_BYTES = 8 * 1024 * 1024;

const CAREFUL_REMOVALS = 128;

/**
 * Writes in groups: what comes in while one group is flushed forms the next group. One flush serves all that waited for it. A
 * group never begins before the previous one has ended, so a failure concerns exactly its own group.
 */
export class GroupWriter {
  /** Payload bytes that are not on the disk yet. */
  unwrittenBytes = 0;
  private readonly puts = new Map<number, PendingPut>();
  private removals: number[] = [];
  private isAsked = false;
  private running: Promise<void> | undefined;

  constructor(private readonly target: GroupTarget) {}

  /** @returns a promise that resolves when it is on the disk */
  put(batch: SpooledBatch): Promise<void> {
    const stored = new Promise<void>((resolve, reject) =>
      this.puts.set(batch.first, { batch, resolve, reject }),
    );
    this.unwrittenBytes += batch.payload.length;
    this.start();
    return stored;
  }

  /**
   * Removes a batch from the disk. A batch that was not written yet never will be, and counts as stored.
   * @returns whether there is something to remove
   */
  remove(first: number): boolean {
    const pending = this.puts.get(first);
    if (pending !== undefined) {
      this.puts.delete(first);
      this.unwrittenBytes -= pending.batch.payload.length;
      pending.resolve();
      return false;
    }
    this.removals.push(first);
    this.start();
    return true;
  }

  /** Commits even when there is nothing else to write. */
  ask(): void {
    this.isAsked = true;
    this.start();
  }

  /** Resolves when nothing waits to be written any more. */
  async drain(): Promise<void> {
    while (this.running !== undefined) {
      await this.running;
    }
  }

  private start(): void {
    // Starts after this turn of the event loop, so that everything appended in it is one group.
    this.running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.run());
  }

  private async run(): Promise<void> {
    let works: boolean;
    try {
      do {
        works = await this.writeGroup();
        // A removal that failed is tried again with the next put or removal, not in a loop.
      } while (this.puts.size > 0 || (works && (this.removals.length > 0 || this.isAsked)));
    } finally {
      // In the same step as the last check of the queues: what comes in later starts a new run.
      this.running = undefined;
      if (this.puts.size > 0) {
        // A listener threw: the batches behind its group are written all the same.
        this.start();
      }
    }
  }

  /** @returns whether it wrote anything: if not, going on is pointless */
  private async writeGroup(): Promise<boolean> {
    const puts = this.takePuts();
    const batches = puts.map((put) => put.batch);
    const removals = this.removals;
    this.removals = [];
    this.isAsked = false;
    let failure = await this.attempt(batches, removals);
    const makesRoom = failure !== undefined && (await this.removeSome(removals));
    if (makesRoom && puts.length > 0) {
      failure = await this.attempt(batches, []);
    }
    for (const { batch } of puts) {
      this.unwrittenBytes -= batch.payload.length;
    }
    if (failure === undefined) {
      puts.forEach((put) => put.resolve());
      this.target.onStored(batches);
    } else {
      const error = this.refusal(batches, failure.cause);
      puts.forEach((put) => put.reject(error));
    }
    return failure === undefined || makesRoom;
  }

  /** Makes the error for callers that wait for the batches, even when `onFailed` itself throws. */
  private refusal(batches: readonly SpooledBatch[], cause: unknown): SpoolFailedError {
    try {
      return this.target.onFailed(batches, cause);
    } catch (thrown) {
      return new SpoolFailedError('writing to the disk failed, and reporting that failed too', {
        cause: new AggregateError([cause, thrown]),
      });
    }
  }

  /** The whole group does not fit on the disk: removals make room, and a few of them at a time need little room themselves. */
  private async removeSome(removals: readonly number[]): Promise<boolean> {
    const some = removals.slice(0, CAREFUL_REMOVALS);
    const works = some.length > 0 && (await this.attempt([], some)) === undefined;
    this.removals = [...(works ? removals.slice(some.length) : removals), ...this.removals];
    return works;
  }

  private async attempt(
    batches: readonly SpooledBatch[],
    removals: readonly number[],
  ): Promise<{ cause: unknown } | undefined> {
    try {
      await this.target.commit(batches, removals);
      this.target.onRemoved(removals);
      return undefined;
    } catch (cause) {
      return { cause };
    }
  }

  private takePuts(): PendingPut[] {
    const taken: PendingPut[] = [];
    let bytes = 0;
    for (const [first, put] of this.puts) {
      if (taken.length > 0 && bytes + put.batch.payload.length > MAX_GROUP_BYTES) {
        break;
      }
      bytes += put.batch.payload.length;
      taken.push(put);
      this.puts.delete(first);
    }
    return taken;
  }
}
