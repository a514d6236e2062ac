import { randomUUID } from 'node:crypto';
import { SpoolFailedError, SpoolUnusableError } from '../errors.js';
import { DiskReserve, emitWarning, failuresOf, isStructural, reasonOf } from './disk.js';
import { makeFolder } from './own-file.js';
import { FolderOwner, FolderWatch } from './folder-owner.js';
import { GroupWriter, SpoolCommitter } from './group-writer.js';
import { LmdbStore, type SpoolMeta, unreadable } from './lmdb-store.js';
import {
  type Appended,
  BatchDeque,
  lastOf,
  numbered,
  type Spool,
  type SpooledBatch,
  type SpoolStats,
  type UnnumberedBatch,
} from './spool.js';
import { StoredBacklog } from './stored-backlog.js';

/** A batch that was stored and cannot be read any more. */
export interface DamagedBatch {
  /** Sequence number of its first event; how many events it had is unknown. */
  readonly first: number;
  readonly directory: string;
}

/** Where a spool on disk is, and how much of it may be in memory. */
export interface LmdbSpoolOptions {
  /** The folder of this spool and of nothing else. A missing one is made, accessible to its user only. */
  readonly directory: string;
  /**
   * How many bytes of the newest batches stay in memory, so that sending them reads no disk. Older ones are only on disk.
   * @default 16 MiB
   */
  readonly windowBytes?: number;
  /**
   * How many bytes may wait for the disk. Beyond it, an append throws SpoolFailedError: the disk does not keep up.
   * @default 64 MiB
   */
  readonly maxUnwrittenBytes?: number;
  /**
   * Called for each batch whose record does not match its checksum: the spool drops that batch and keeps the others. Without
   * this callback nobody would learn of the loss: then `open` and reads throw SpoolUnusableError instead, and change nothing.
   */
  readonly onDamaged?: (batch: DamagedBatch) => void;
  /**
   * Called for failures that lose no event: of the last write of `close`, which costs a gap in the numbers, or of the reserve,
   * without which a full disk may have to be cleared by hand. Also for a folder that others may write to, and once when the
   * folder is moved away, deleted or replaced (meanwhile `stats().fault` says so), or is back.
   * @default a warning of the process, by `process.emitWarning`
   */
  readonly onWarning?: (warning: SpoolFailedError) => void;
}

const FORMAT = 1;
const MIB = 1024 * 1024;

/** The parts of an open spool. */
interface Opened {
  readonly owner: FolderOwner;
  readonly watch: FolderWatch;
  readonly store: LmdbStore;
  readonly committer: SpoolCommitter;
  readonly writer: GroupWriter;
  readonly backlog: StoredBacklog;
}

/**
 * Keeps unacknowledged events on disk, in lmdb: they survive the death of the process at any moment and, once
 * `stored` has resolved, a power cut.
 *
 * It reserves numbers on the disk before it assigns any, and never assigns one twice: after a process died, the next one goes
 * on behind everything that the dead one can have sent. So numbers have gaps, as they have after a batch that was dropped or
 * could not be written.
 */
export class LmdbSpool implements Spool {
  private readonly directory: string;
  private readonly windowBytes: number;
  private readonly maxUnwrittenBytes: number;
  private readonly reserve: DiskReserve;
  private opened: Opened | undefined;
  private madeEpoch = '';
  private next = 1;
  /** The newest batches. All older ones, if any, are in the backlog. */
  private window = new BatchDeque();
  private storedThrough = 0;
  /** Undefined when it must be looked up. */
  private oldestAcceptedAtSeconds: number | undefined;

  constructor(private readonly options: LmdbSpoolOptions) {
    this.directory = options.directory;
    this.windowBytes = options.windowBytes ?? 16 * MIB;
    this.maxUnwrittenBytes = options.maxUnwrittenBytes ?? 64 * MIB;
    this.reserve = new DiskReserve(options.directory);
  }

  /** Made and kept with the folder; empty before the first `open`. */
  get epoch(): string {
    return this.madeEpoch;
  }

  get nextSequence(): number {
    return this.next;
  }

  get events(): number {
    return (this.opened?.backlog.events ?? 0) + this.window.events;
  }

  get bytes(): number {
    return (this.opened?.backlog.bytes ?? 0) + this.window.bytes;
  }

  /** Reads every record once and verifies it: about a second for each gigabyte that waits. */
  async open(): Promise<void> {
    let owner: FolderOwner | undefined;
    let store: LmdbStore | undefined;
    try {
      owner = this.takeFolder();
      store = await LmdbStore.open(this.directory);
      this.opened = await this.recover(store, owner);
    } catch (error) {
      try {
        await store?.close();
      } finally {
        owner?.release();
      }
      throw error instanceof SpoolUnusableError ? error : unreadable(this.directory, error);
    }
  }

  private takeFolder(): FolderOwner {
    makeFolder(this.directory);
    this.reserve.giveIfFull();
    return FolderOwner.take(this.directory);
  }

  /**
   * When the disk is full, `stored` rejects with SpoolFailedError: the spool drops the batch and does not reuse its numbers
   * (the batch may have been read and sent before the disk failed). A later append works once there is room again.
   */
  append(unnumbered: UnnumberedBatch): Appended {
    const { writer } = this.writable(unnumbered);
    const batch = numbered(unnumbered, this.next);
    this.next += batch.count;
    this.window.push(batch);
    if (Number.isNaN(this.oldestAcceptedAtSeconds)) {
      this.oldestAcceptedAtSeconds = undefined;
    }
    const stored = writer.put(batch);
    // A caller may ignore the outcome; that alone must not end the process.
    stored.catch(() => undefined);
    return { batch, stored };
  }

  readFrom(sequence: number): SpooledBatch | undefined {
    return this.opened?.backlog.from(sequence) ?? this.window.from(sequence);
  }

  release(sequence: number): void {
    if (this.opened === undefined) {
      return;
    }
    const { backlog, writer } = this.opened;
    this.oldestAcceptedAtSeconds = undefined;
    backlog.release(sequence);
    if (backlog.batches > 0) {
      return;
    }
    for (let oldest = this.window.oldest; oldest !== undefined && lastOf(oldest) <= sequence;) {
      this.window.shift();
      backlog.skipThrough(lastOf(oldest));
      writer.remove(oldest.first);
      oldest = this.window.oldest;
    }
  }

  dropOldestFrom(sequence: number): SpooledBatch | undefined {
    if (this.opened === undefined) {
      return undefined;
    }
    const { backlog, writer } = this.opened;
    this.oldestAcceptedAtSeconds = undefined;
    const older = backlog.from(sequence);
    if (older !== undefined) {
      backlog.drop(older);
      return older;
    }
    const recent = this.window.removeFrom(sequence);
    if (recent !== undefined && writer.remove(recent.first)) {
      backlog.hide(recent.first);
    }
    return recent;
  }

  stats(): SpoolStats {
    this.oldestAcceptedAtSeconds ??= this.readFrom(0)?.acceptedAtSeconds ?? Number.NaN;
    return {
      events: this.events,
      bytes: this.bytes,
      oldestAcceptedAtSeconds: this.oldestAcceptedAtSeconds,
      fault: this.opened?.watch.fault,
    };
  }

  async close(): Promise<void> {
    if (this.opened === undefined) {
      return;
    }
    const { owner, watch, store, committer, writer } = this.opened;
    this.opened = undefined;
    watch.stop();
    this.window = new BatchDeque();
    // Every part is closed even when another fails: what stays open here, nothing can open again.
    const failures = await failuresOf([
      () => writer.drain(),
      () => committer.seal(),
      () => store.close(),
      () => owner.release(),
    ]);
    failures.forEach((cause) => this.warn(`was not closed cleanly (${reasonOf(cause)})`, cause));
  }

  /** @throws SpoolFailedError when this batch cannot be taken now */
  private writable({ count, payload }: UnnumberedBatch): Opened {
    if (this.opened === undefined) {
      throw new SpoolFailedError(`the spool in ${this.directory} is not open`);
    }
    const { committer, writer } = this.opened;
    this.opened.watch.assertThere();
    if (writer.unwrittenBytes > 0 && writer.unwrittenBytes + payload.length > this.maxUnwrittenBytes) {
      throw new SpoolFailedError(
        `the disk of ${this.directory} does not keep up: ${writer.unwrittenBytes} bytes wait for it`,
      );
    }
    // Without this check, every append on a full disk would cost a failing transaction.
    if (committer.isFailing && !this.reserve.hasRoomFor(payload.length)) {
      throw new SpoolFailedError(`the disk of ${this.directory} is full: ${this.reserve.describeRoom()}`);
    }
    if (this.next + count > committer.unusedFrom) {
      writer.ask();
      throw new SpoolFailedError(`cannot reserve sequence numbers on the disk of ${this.directory}`);
    }
    return this.opened;
  }

  private async recover(store: LmdbStore, owner: FolderOwner): Promise<Opened> {
    const meta = await this.readOrMakeMeta(store);
    const committer = new SpoolCommitter(
      store,
      this.reserve,
      meta,
      () => this.next,
      (cause) => this.warn(`cannot reserve room on its disk (${reasonOf(cause)})`, cause),
    );
    const backlog: StoredBacklog = new StoredBacklog(store, {
      onGone: (first) => writer.remove(first),
      onDamaged: (first) => this.passOver(first),
    });
    let firstFailure: unknown;
    const writer = new GroupWriter({
      commit: (puts, removals) => committer.commit(puts, removals),
      onStored: (puts) => this.noteStored(backlog, puts),
      onFailed: (puts, cause) => {
        firstFailure ??= cause;
        return this.letGo(puts, cause);
      },
      onRemoved: (removals) => backlog.forget(removals),
    });
    await backlog.scan();
    this.next = Math.max(meta.unusedFrom, backlog.end);
    this.storedThrough = 0;
    this.oldestAcceptedAtSeconds = undefined;
    // A full disk must not stop the start: events of an earlier process can still be sent, and without a reservation only
    // appends fail. But nothing may be written into a file whose structure is broken.
    writer.ask();
    await writer.drain();
    if (isStructural(firstFailure)) {
      throw firstFailure;
    }
    this.reserve.take();
    this.madeEpoch = meta.epoch;
    const watch = new FolderWatch(this.directory, store, (what) => this.warn(what));
    return { owner, watch, store, committer, writer, backlog };
  }

  private async readOrMakeMeta(store: LmdbStore): Promise<SpoolMeta> {
    const meta = store.readMeta();
    if (meta === undefined) {
      const made = { format: FORMAT, epoch: randomUUID(), unusedFrom: 1 };
      await store.commit([], [], made);
      return made;
    }
    if (meta.format !== FORMAT) {
      throw new SpoolUnusableError(
        `the spool in ${this.directory} has format ${meta.format} and this version reads format ${FORMAT}: ` +
          'let the version that made it send what it holds, or move the folder away',
      );
    }
    return meta;
  }

  private noteStored(backlog: StoredBacklog, puts: readonly SpooledBatch[]): void {
    this.storedThrough = puts.at(-1)?.first ?? this.storedThrough;
    while (this.window.heldBytes > this.windowBytes) {
      const { oldest } = this.window;
      if (oldest === undefined || oldest.first > this.storedThrough) return;
      this.window.shift();
      backlog.admit(oldest);
    }
  }

  private letGo(puts: readonly SpooledBatch[], cause: unknown): SpoolFailedError {
    this.oldestAcceptedAtSeconds = undefined;
    for (const { first } of puts) {
      if (this.window.from(first)?.first === first) this.window.removeFrom(first);
    }
    return new SpoolFailedError(
      `cannot write to the disk of ${this.directory} (${reasonOf(cause)}; ${this.reserve.describeRoom()})`,
      { cause },
    );
  }

  private warn(what: string, cause?: unknown): void {
    const { onWarning = emitWarning } = this.options;
    onWarning(new SpoolFailedError(`the spool in ${this.directory} ${what}`, { cause }));
  }

  private passOver(first: number): void {
    if (this.options.onDamaged === undefined) {
      throw new SpoolUnusableError(
        `the spool in ${this.directory} is damaged: the batch at ${first} does not match its checksum. ` +
          'Set onDamaged to drop damaged batches and send the rest, or move the folder away',
      );
    }
    this.options.onDamaged({ first, directory: this.directory });
  }
}
