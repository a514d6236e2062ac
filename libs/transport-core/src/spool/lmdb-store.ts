import { spawn } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { RootDatabase } from 'lmdb';
import { SpoolUnusableError } from '../errors.js';
import { reasonOf, RESERVE_FILE } from './disk.js';
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
export function encodeRecord(batch: SpooledBatch): Buffer {
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
export function decodeRecord(first: number, record: Buffer): SpooledBatch | undefined {
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
export function decodeMeta(record: Buffer): SpoolMeta {
  const text = record.subarray(4);
  if (record.length < 4 || record.readUInt32LE(0) !== crc32(text)) {
    throw new Error('its first record does not match its checksum');
  }
  return JSON.parse(text.toString()) as SpoolMeta;
}

/** Where lmdb has the fields that are read here, in bytes from the start of a page (data format 2, 64 bits). */
const FLAGS_AT = 18;
const LOWER_AT = 20;
const PAGE_HEADER_BYTES = 24;
const MAGIC = { at: 24, is: 0xbeefc0de };
const VERSION = { at: 28, is: 2 };
const PAGE_SIZE_AT = 48;
const ROOTS_AT = [88, 136];
const LAST_PAGE_AT = 144;
const TRANSACTION_AT = 152;
const META_BYTES = 160;
const BRANCH = 1;
const LEAF = 2;
const LAYOUT_IS_KNOWN = process.arch === 'x64' || process.arch === 'arm64';
/** A damaged page count must not turn a small file into one of terabytes. */
const MOST_GROWTH = 16;
const MOST_ADDED_BYTES = 1024 ** 3;
const NO_PAGE = 2n ** 64n - 1n;

/**
 * Checks a data file before lmdb opens it: over a file that it should reject, lmdb silently ends the process.
 *
 * Extends a data file whose end is missing to the length that it states: lmdb maps the file into memory and crashes when it
 * touches the missing part, while our checksums tell zeros there from data. (Intact files may also be shorter than they state,
 * when nothing in use is behind their end.)
 *
 * @returns its size in bytes as it was found; 0 for a new one
 * @throws Error when it is no lmdb file, or when the missing part belongs to the file's own structure.
 */
export function inspectDataFile(path: string): number {
  const file = openSync(path, 'r+');
  try {
    const { size } = fstatSync(file);
    if (size === 0 || !LAYOUT_IS_KNOWN) {
      return size;
    }
    const first = readPage(file, 0, META_BYTES);
    const pageSize = isMeta(first) ? first.readUInt32LE(PAGE_SIZE_AT) : 0;
    const metas = [first, readPage(file, pageSize, META_BYTES)];
    if (!metas.every(isMeta)) {
      throw new Error('its data file does not begin like one of lmdb');
    }
    const lastPage = Math.max(...metas.map((meta) => Number(meta.readBigUInt64LE(LAST_PAGE_AT))));
    if (size >= (lastPage + 1) * pageSize) {
      return size;
    }
    const [latest = first] = metas.toSorted((a, b) => transactionOf(b) - transactionOf(a));
    if ((lastPage + 1) * pageSize > MOST_GROWTH * size + MOST_ADDED_BYTES) {
      throw new Error('its data file says that it is far longer than it can have been');
    }
    for (const at of ROOTS_AT) {
      verifyTree(file, pageSize, latest.readBigUInt64LE(at));
    }
    ftruncateSync(file, (lastPage + 1) * pageSize);
    return size;
  } finally {
    closeSync(file);
  }
}

/** Walks the pages that lead to the records. */
function verifyTree(file: number, pageSize: number, root: bigint): void {
  const waiting = root === NO_PAGE ? [] : [Number(root)];
  const seen = new Set<number>();
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    if (seen.has(number)) {
      throw new Error('the pages of its data file lead in a circle');
    }
    seen.add(number);
    const page = readPage(file, number * pageSize, pageSize);
    const flags = page.length < pageSize ? 0 : page.readUInt16LE(FLAGS_AT);
    if ((flags & (BRANCH | LEAF)) === 0) {
      throw new Error('the end of its data file is missing');
    }
    if ((flags & BRANCH) !== 0) {
      for (let n = 0; n < page.readUInt16LE(LOWER_AT) >> 1; n += 1) {
        waiting.push(childOf(page, page.readUInt16LE(PAGE_HEADER_BYTES + 2 * n) + PAGE_HEADER_BYTES));
      }
    }
  }
}

/** A branch node keeps its page number in three pieces of 16 bits. */
function childOf(page: Buffer, at: number): number {
  return page.readUInt16LE(at) + page.readUInt16LE(at + 2) * 2 ** 16 + page.readUInt16LE(at + 4) * 2 ** 32;
}

function isMeta(page: Buffer): boolean {
  return (
    page.length === META_BYTES &&
    page.readUInt32LE(MAGIC.at) === MAGIC.is &&
    (page.readUInt32LE(VERSION.at) & 0xffff) === VERSION.is
  );
}

function transactionOf(meta: Buffer): number {
  return Number(meta.readBigUInt64LE(TRANSACTION_AT));
}

/** @returns fewer than `length` bytes at the end of the file. */
function readPage(file: number, at: number, length: number): Buffer {
  const page = Buffer.alloc(length);
  return page.subarray(0, readSync(file, page, 0, length, at));
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

/**
 * Reads every value, and begins to write some, which also reads the list of free pages; then aborts, so that nothing changes. A
 * damaged tree may lead in circles: keys that do not rise count as damage.
 */
const TRY_ALL = `
const { open, compareKeys, ABORT } = require(process.argv[1]);
const db = open({ ...JSON.parse(process.argv[2]), encoding: 'binary', overlappingSync: false });
let last;
for (const { key, value } of db.getRange({})) {
  if (last !== undefined && compareKeys(last, key) >= 0) throw new Error('its keys are not in order');
  last = key;
  value.length;
}
db.transactionSync(() => {
  for (let copy = 0; copy < 50; copy += 1) db.putSync(['probe', copy], Buffer.alloc(5000));
  return ABORT;
});
`;

const LEAST_TIMEOUT_MS = 30_000;
/** Bytes that even a slow disk reads in a millisecond. */
const SLOW_DISK_BYTES_PER_MS = 5000;

/** The options of an lmdb environment. */
export interface LmdbPlace {
  readonly path: string;
  /** Whether the path is the file and not its folder. */
  readonly noSubdir: boolean;
}

/**
 * Has a separate process try to read what lmdb has on disk, which takes a tenth of a second plus the reading. lmdb maps the
 * file into memory and trusts it: a file that was cut short or overwritten ends the whole process, without an error that could
 * be caught.
 *
 * @returns why lmdb cannot work with it, in words; undefined when it can
 */
export function probeLmdb({ path, noSubdir }: LmdbPlace): Promise<string | undefined> {
  const place: LmdbPlace = { path: resolve(path), noSubdir };
  return new Promise((settle, reject) => {
    const reader = spawn(process.execPath, ['-e', TRY_ALL, lmdbModule(), JSON.stringify(place)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LEAST_TIMEOUT_MS + Math.ceil(bytesOf(place) / SLOW_DISK_BYTES_PER_MS),
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    reader.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (stderr = `${stderr}${text}`.slice(0, 4000)));
    reader.once('error', reject);
    reader.once('close', (code, signal) => settle(code === 0 ? undefined : outcome(stderr, signal)));
  });
}

function outcome(stderr: string, signal: NodeJS.Signals | null): string {
  const [, message] = /^(?:\w*Error: )(.+)$/m.exec(stderr) ?? [];
  return message ?? (signal === null ? 'reading it fails' : `reading it ends with ${signal}`);
}

function bytesOf({ path, noSubdir }: LmdbPlace): number {
  const file = noSubdir ? path : join(path, 'data.mdb');
  return existsSync(file) ? statSync(file).size : 0;
}

/** Resolved from this file, wherever the program was started. */
function lmdbModule(): string {
  return createRequire(import.meta.url).resolve('lmdb');
}
