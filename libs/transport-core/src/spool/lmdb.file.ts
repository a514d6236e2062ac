import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';

/** Where lmdb has the fields that matter here, in bytes from the start of a page (data format 2, 64 bits). */
const FLAGS_AT = 18;
const LOWER_AT = 20;
const HEADER_BYTES = 24;
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
/** A damaged number of pages must not make a file of terabytes of what was a small one. */
const MOST_GROWTH = 16;
const MOST_ADDED_BYTES = 1024 ** 3;
const NO_PAGE = 2n ** 64n - 1n;

/**
 * Looks at a data file before lmdb does, since lmdb ends the process, without a word, over what it should refuse.
 *
 * Makes a data file whose end is missing as long again as it says it is: lmdb maps the file into memory and dies of
 * touching what is not there, while zeros in its place our checksums tell from data.
 * (Sound files may be shorter than they say, too, when nothing that is in use is behind their end.)
 *
 * @returns its size as it was found, in bytes; 0 for one that was just made
 * @throws Error when it is no file of lmdb, or what is missing belongs to the order of the file itself.
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
        waiting.push(childOf(page, page.readUInt16LE(HEADER_BYTES + 2 * n) + HEADER_BYTES));
      }
    }
  }
}

/** A branch node has its page number in three pieces of 16 bits. */
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

/** @returns less than `length` bytes at the end of the file. */
function readPage(file: number, at: number, length: number): Buffer {
  const page = Buffer.alloc(length);
  return page.subarray(0, readSync(file, page, 0, length, at));
}
