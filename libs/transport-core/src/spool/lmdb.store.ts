import { constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { SpoolUnusableError } from '../errors.js';
import { reasonOf } from './disk.failure.js';
import { RESERVE_FILE } from './disk.reserve.js';
import { inspectDataFile } from './lmdb.file.js';
import { probeLmdb } from './lmdb.probe.js';
import { FilePlace, openOwnFile } from './own.file.js';
import type { SpooledBatch } from './spool.js';
import { decodeMeta, decodeRecord, encodeMeta, encodeRecord, type SpoolMeta } from './spool.record.js';

/** What lies under one number. */
export interface StoredRecord {
  readonly first: number;
  /** Undefined when the record is damaged. */
  readonly batch: SpooledBatch | undefined;
}

/** Sorts before every batch: those begin at 1. */
const META_KEY = 0;

/**
 * All that is put in one go is one transaction, begun afterwards. (lmdb's own way to do so, which these switch off,
 * leaves a promise of its own behind that nobody can take: a full disk would end the process.)
 */
const ONE_TRANSACTION = { eventTurnBatching: false, txnStartThreshold: Number.MAX_SAFE_INTEGER };

/** The records of one spool in one lmdb environment. Reads answer at once; a commit is one transaction and one flush. */
export class LmdbStore {
  private constructor(
    private readonly db: RootDatabase<Buffer, number>,
    private readonly place: FilePlace,
  ) {}

  /** Whether the next start would not find what is stored: the folder was moved away, deleted or replaced. */
  get isLost(): boolean {
    return this.place.isLost;
  }

  /** @throws SpoolUnusableError when lmdb is not installed or cannot open the folder. */
  static async open(directory: string): Promise<LmdbStore> {
    const lmdb = await loadLmdb();
    // lmdb would make its files readable for the group; whose files exist keep their mode.
    for (const name of ['data.mdb', 'lock.mdb']) {
      await (await openOwnFile(join(directory, name), constants.O_RDWR)).close();
    }
    const dataFile = join(directory, 'data.mdb');
    try {
      if (inspectDataFile(dataFile) > 0) {
        await assertUsable(directory);
      } else if (existsSync(join(directory, RESERVE_FILE))) {
        // It is made after the data file has its first record: here a spool was, and has been emptied.
        throw new Error('its data file is empty');
      }
      const db = lmdb.open<Buffer, number>({
        path: directory,
        noSubdir: false,
        encoding: 'binary',
        // Where commits overlap their flushes, lmdb tells nobody that a flush failed. Groups are flushed one by one anyway.
        overlappingSync: false,
        ...ONE_TRANSACTION,
      });
      return new LmdbStore(db, new FilePlace(dataFile));
    } catch (cause) {
      throw unreadable(directory, cause);
    }
  }

  /** @returns undefined for a spool that was just made. */
  readMeta(): SpoolMeta | undefined {
    const record = this.db.get(META_KEY);
    return record === undefined ? undefined : decodeMeta(record);
  }

  /** @returns a promise of when all of it is durable: after a power cut too. It rejects when nothing of it was written. */
  async commit(
    puts: readonly SpooledBatch[],
    removals: readonly number[],
    meta: SpoolMeta | undefined,
  ): Promise<void> {
    const writes: Promise<boolean>[] = [];
    for (const batch of puts) {
      writes.push(this.db.put(batch.first, encodeRecord(batch)));
    }
    for (const first of removals) {
      writes.push(this.db.remove(first));
    }
    if (meta !== undefined) {
      writes.push(this.db.put(META_KEY, encodeMeta(meta)));
    }
    try {
      await Promise.all(writes);
    } catch (error) {
      throw await causeOf(error);
    }
    // What was read before stays a view of the past until it is let go.
    this.db.resetReadTxn();
  }

  /** The records from `start` on, up to but without `end`, oldest first. */
  *read(start: number, end: number): Generator<StoredRecord, void, undefined> {
    const range = { start: Math.max(start, META_KEY + 1), ...(end === Infinity ? {} : { end }) };
    for (const { key, value } of this.db.getRange(range)) {
      yield { first: key, batch: decodeRecord(key, value) };
    }
  }

  async close(): Promise<void> {
    await this.db.close();
  }
}

/** @throws Error that says why lmdb cannot work with it. */
async function assertUsable(directory: string): Promise<void> {
  const reason = await probeLmdb({ path: directory, noSubdir: false });
  if (reason !== undefined) {
    throw new Error(`its data file is damaged: ${reason}`);
  }
}

async function loadLmdb(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb');
  } catch (cause) {
    throw new SpoolUnusableError('a spool on disk wants the package lmdb: npm install lmdb', { cause });
  }
}

/** What to say of a folder that lmdb cannot make sense of. */
export function unreadable(directory: string, cause: unknown): SpoolUnusableError {
  return new SpoolUnusableError(
    `the spool in ${directory} cannot be read (${reasonOf(cause)}): move the folder away to start with an empty spool; ` +
      'what it holds is not sent then',
    { cause },
  );
}

/** lmdb says "Commit failed" and gives the reason by a promise that always rejects. */
async function causeOf(failure: unknown): Promise<unknown> {
  const reason = (failure as { commitError?: Promise<never> }).commitError;
  return reason === undefined ? failure : reason.catch((cause: unknown) => cause);
}
