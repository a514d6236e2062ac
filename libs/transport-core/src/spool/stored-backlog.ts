import { setImmediate as nextTurn } from 'node:timers/promises';
import { lastOf } from './spool.js';
import type { LmdbStore } from './lmdb-store.js';
import type { SpooledBatch } from './spool.js';

/** How a backlog reports to its spool. */
export interface BacklogEvents {
  /** The record under this number may be removed. */
  onGone(first: number): void;
  /** This record does not match its checksum. @throws when it must not be skipped */
  onDamaged(first: number): void;
}

/** How much a scan reads before it lets other work run. */
const SCAN_SLICE_BYTES = 4 * 1024 * 1024;

/** The batches that are on disk and no longer in memory: the older part of a spool. */
export class StoredBacklog {
  batches = 0;
  events = 0;
  bytes = 0;
  /** The number behind its last event. */
  end = 1;
  /** Records before this number count as removed. */
  private floor = 1;
  /** So do these, until their removal is on the disk. */
  private readonly hidden = new Set<number>();

  constructor(
    private readonly store: LmdbStore,
    private readonly on: BacklogEvents,
  ) {}

  /** Reads and verifies every record that an earlier process left. */
  async scan(): Promise<void> {
    let sliceBytes = 0;
    let start: number | undefined = this.floor;
    while (start !== undefined) {
      const from: number = start;
      start = undefined;
      for (const { first, batch } of this.store.read(from, Infinity)) {
        this.end = first + 1;
        if (batch === undefined) {
          this.giveUp(first);
          continue;
        }
        this.admit(batch);
        sliceBytes += batch.payload.length;
        if (sliceBytes > SCAN_SLICE_BYTES) {
          start = this.end;
          break;
        }
      }
      sliceBytes = 0;
      await nextTurn();
    }
  }

  /** Adds a batch that is on the disk; its number is greater than all before it. */
  admit(batch: SpooledBatch): void {
    this.batches += 1;
    this.events += batch.count;
    this.bytes += batch.bytes;
    this.end = lastOf(batch) + 1;
  }

  /** The oldest batch whose first event has this number or a later one. */
  from(sequence: number): SpooledBatch | undefined {
    if (this.batches === 0 || sequence >= this.end) {
      return undefined;
    }
    for (const { first, batch } of this.store.read(Math.max(sequence, this.floor), this.end)) {
      if (this.hidden.has(first)) {
        continue;
      }
      if (batch !== undefined) {
        return batch;
      }
      this.recount();
    }
    return undefined;
  }

  /** Removes every batch that ends with this number or an earlier one. */
  release(sequence: number): void {
    if (this.batches === 0 || sequence < this.floor) {
      return;
    }
    for (const { first, batch } of this.store.read(this.floor, this.end)) {
      if (this.hidden.has(first)) {
        continue;
      }
      if (batch === undefined) {
        this.recount();
        continue;
      }
      if (lastOf(batch) > sequence) {
        break;
      }
      this.subtract(batch);
      this.skipThrough(lastOf(batch));
      this.on.onGone(first);
    }
  }

  /** Drops a batch that `from` returned. */
  drop(batch: SpooledBatch): void {
    this.subtract(batch);
    this.hidden.add(batch.first);
    this.on.onGone(batch.first);
  }

  /** Skips the records up to this number from now on. */
  skipThrough(sequence: number): void {
    this.floor = Math.max(this.floor, sequence + 1);
  }

  /** Skips a record until its removal is on the disk. */
  hide(first: number): void {
    this.hidden.add(first);
  }

  /** The removal of these records is on the disk. */
  forget(removals: readonly number[]): void {
    removals.forEach((first) => this.hidden.delete(first));
  }

  private giveUp(first: number): void {
    this.on.onDamaged(first);
    this.hidden.add(first);
    this.on.onGone(first);
  }

  /** A record went bad after it was counted, and no longer shows how much it counted for. */
  private recount(): void {
    const left = { batches: 0, events: 0, bytes: 0 };
    for (const { first, batch } of this.store.read(this.floor, this.end)) {
      if (this.hidden.has(first)) {
        continue;
      }
      if (batch === undefined) {
        this.giveUp(first);
        continue;
      }
      left.batches += 1;
      left.events += batch.count;
      left.bytes += batch.bytes;
    }
    Object.assign(this, left);
  }

  private subtract(batch: SpooledBatch): void {
    this.batches -= 1;
    this.events -= batch.count;
    this.bytes -= batch.bytes;
  }
}
