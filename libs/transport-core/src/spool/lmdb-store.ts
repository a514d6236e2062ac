import { constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RootDatabase } from 'lmdb';
import { SpoolUnusableError } from '../errors.js';
import { reasonOf, RESERVE_FILE } from './disk.js';
import { inspectDataFile, probeLmdb } from './lmdb-file.js';
import { FilePlace, missingRight, openOwnFile } from './own-file.js';
import type { SpooledBatch } from './spool.js';

/** What a spool knows of itself. */
export interface SpoolMeta {
  /** Version of the format of everything in the folder. */
  readonly format: number;
  readonly epoch: string;
  /** No event ever got this number or a later one. */
  readonly unusedFrom: number;
}

/*
 * checksum u32 | kind u32 (0 bytes, 1 text) | first f64 | count u32 | 0 u32 | bytes f64 | acceptedAtSeconds f64 | payload
 * All little-endian. The checksum (CRC-32) covers all that follows it, so that a record under the wrong key, or one that was
 * cut or changed, is noticed.
 */
const HEADER_BYTES = 40;
const TEXT = 1;

/** One batch as it is on the disk: a header of fixed size, then the payload as it goes over the wire. */
function encodeRecord(batch: SpooledBatch): Buffer {
  const { payload } = batch;
  const isText = typeof payload === 'string';
  const size = isText ? Buffer.byteLength(payload) : payload.byteLength;
  const record = Buffer.allocUnsafe(HEADER_BYTES + size);
  record.writeUInt32LE(isText ? TEXT : 0, 4);
  record.writeDoubleLE(batch.first, 8);
  record.writeUInt32LE(batch.count, 16);
  record.writeUInt32LE(0, 20);
  record.writeDoubleLE(batch.bytes, 24);
  record.writeDoubleLE(batch.acceptedAtSeconds, 32);
  if (isText) {
    record.write(payload, HEADER_BYTES);
  } else {
    record.set(payload, HEADER_BYTES);
  }
  record.writeUInt32LE(crc32(record.subarray(4)), 0);
  return record;
}

/** @returns the batch, or undefined when the record differs from what was written under this number. */
function decodeRecord(first: number, record: Buffer): SpooledBatch | undefined {
  if (
    record.length < HEADER_BYTES ||
    record.readUInt32LE(0) !== crc32(record.subarray(4)) ||
    record.readDoubleLE(8) !== first
  ) {
    return undefined;
  }
  const payload = record.subarray(HEADER_BYTES);
  return {
    first,
    count: record.readUInt32LE(16),
    payload: record.readUInt32LE(4) === TEXT ? payload.toString() : payload,
    bytes: record.readDoubleLE(24),
    acceptedAtSeconds: record.readDoubleLE(32),
  };
}

/** A checksum, then JSON: later formats must begin like this too, so that every version can read the format number. */
export function encodeMeta(meta: SpoolMeta): Buffer {
  const text = Buffer.from(`    ${JSON.stringify(meta)}`);
  text.writeUInt32LE(crc32(text.subarray(4)), 0);
  return text;
}

/** @throws Error when the record differs from what was written. */
function decodeMeta(record: Buffer): SpoolMeta {
  const text = record.subarray(4);
  if (record.length < 4 || record.readUInt32LE(0) !== crc32(text)) {
    throw new Error('its first record does not match its checksum');
  }
  return JSON.parse(text.toString()) as SpoolMeta;
}

/** What is stored under one number. */
export interface StoredRecord {
  readonly first: number;
  /** Undefined when the record is damaged. */
  readonly batch: SpooledBatch | undefined;
}

/** Sorts before every batch: those begin at 1. */
const META_KEY = 0;

/**
 * Everything that is put in one go becomes one transaction, which begins afterwards. (These options switch off lmdb's own
 * batching: it leaves a promise behind that nobody can handle, so that a full disk would end the process.)
 */
const ONE_TRANSACTION = { eventTurnBatching: false, txnStartThreshold: Number.MAX_SAFE_INTEGER };

/** The records of one spool in one lmdb environment. Reads answer at once; a commit is one transaction and one flush. */
export class LmdbStore {
  private constructor(
    private readonly db: RootDatabase<Buffer, number>,
    private readonly place: FilePlace,
  ) {}

  /** Whether the folder was moved away, deleted or replaced, so that the next start would not find what is stored. */
  get isLost(): boolean {
    return this.place.isLost;
  }

  /** @throws SpoolUnusableError when lmdb is not installed or cannot open the folder. */
  static async open(directory: string): Promise<LmdbStore> {
    const lmdb = await loadLmdb();
    // lmdb would make its files readable for the group; files that exist keep their mode.
    for (const name of ['data.mdb', 'lock.mdb']) {
      await (await openOwnFile(join(directory, name), constants.O_RDWR)).close();
    }
    const dataFile = join(directory, 'data.mdb');
    try {
      if (inspectDataFile(dataFile) > 0) {
        await assertUsable(directory);
      } else if (existsSync(join(directory, RESERVE_FILE))) {
        // This file is made after the data file has its first record: so a spool was here, and its data file was emptied.
        throw new Error('its data file is empty');
      }
      const db = lmdb.open<Buffer, number>({
        path: directory,
        noSubdir: false,
        encoding: 'binary',
        // When commits overlap their flushes, lmdb does not report that a flush failed. Groups are flushed one by one anyway.
        overlappingSync: false,
        ...ONE_TRANSACTION,
      });
      return new LmdbStore(db, new FilePlace(dataFile));
    } catch (cause) {
      throw unreadable(directory, cause);
    }
  }

  /** @returns undefined for a new spool */
  readMeta(): SpoolMeta | undefined {
    const record = this.db.get(META_KEY);
    return record === undefined ? undefined : decodeMeta(record);
  }

  /** @returns a promise that resolves when all of it would survive a power cut. It rejects when none of it was written. */
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
    // Reads see an old view of the data until it is reset.
    this.db.resetReadTxn();
  }

  /** The records from `start` up to, but not including, `end`, oldest first. */
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
    throw new SpoolUnusableError('a spool on disk needs the package lmdb: npm install lmdb', { cause });
  }
}

/** What to say of a folder that lmdb cannot make sense of. */
export function unreadable(directory: string, cause: unknown): SpoolUnusableError {
  const right = missingRight(directory, cause);
  if (right !== undefined) {
    return new SpoolUnusableError(`the spool in ${directory} cannot be used: ${right}`, { cause });
  }
  return new SpoolUnusableError(
    `the spool in ${directory} cannot be read (${reasonOf(cause)}): move the folder away to start with an empty spool; ` +
      'its events are not sent then',
    { cause },
  );
}

/** lmdb only says "Commit failed" and gives the reason in a promise that always rejects. */
async function causeOf(failure: unknown): Promise<unknown> {
  const reason = (failure as { commitError?: Promise<never> }).commitError;
  return reason === undefined ? failure : reason.catch((cause: unknown) => cause);
}
