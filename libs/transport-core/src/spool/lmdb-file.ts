import { spawn } from 'node:child_process';
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

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
      throw new Error('its data file claims a length that it cannot have had');
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
