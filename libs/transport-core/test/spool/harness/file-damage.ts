import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const PAGE_BYTES = 4096;

/** Numbers that are the same in each run, so that a case that failed can be looked at again. */
export type Random = (below: number) => number;

/** Mulberry32. */
export function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Damage = (file: number, size: number, random: Random) => void;

/** What disks, copies and people do to a file. */
export const DAMAGES: Readonly<Record<string, Damage>> = {
  'cut to nothing': (file) => ftruncateSync(file, 0),
  'cut in the first pages': (file, _, random) => ftruncateSync(file, 1 + random(2 * PAGE_BYTES)),
  'cut anywhere': (file, size, random) => ftruncateSync(file, 1 + random(size - 1)),
  'cut between pages': (file, size, random) =>
    ftruncateSync(file, PAGE_BYTES * (1 + random(size / PAGE_BYTES - 1))),
  'a bit flipped in the first pages': (file, _, random) => flip(file, random(2 * PAGE_BYTES), random),
  'a bit flipped in a page header': (file, size, random) =>
    flip(file, PAGE_BYTES * random(size / PAGE_BYTES) + random(48), random),
  'a hundred bits flipped': (file, size, random) => {
    for (let n = 0; n < 100; n += 1) flip(file, random(size), random);
  },
  'a page of zeros': (file, size, random) => overwrite(file, size, random, () => Buffer.alloc(PAGE_BYTES)),
  'a page of noise': (file, size, random) =>
    overwrite(file, size, random, () => Buffer.from(Array.from({ length: PAGE_BYTES }, () => random(256)))),
  'another page in the place of one': (file, size, random) =>
    overwrite(file, size, random, () => pageOf(file, random(size / PAGE_BYTES))),
  'another format': (file, size) => {
    ftruncateSync(file, 0);
    writeSync(file, Buffer.alloc(size, '{"some": "other program wrote this"}\n'), 0, size, 0);
  },
};

/** Damages a file in one of these ways. */
export function damageFile(path: string, damage: Damage, random: Random): void {
  const file = openSync(path, 'r+');
  try {
    damage(file, fstatSync(file).size, random);
  } finally {
    closeSync(file);
  }
}

function flip(file: number, at: number, random: Random): void {
  const byte = Buffer.alloc(1);
  if (readSync(file, byte, 0, 1, at) === 1) {
    byte.writeUInt8(byte.readUInt8() ^ (1 << random(8)));
    writeSync(file, byte, 0, 1, at);
  }
}

function overwrite(file: number, size: number, random: Random, page: () => Buffer): void {
  const at = PAGE_BYTES * random(size / PAGE_BYTES);
  const content = page();
  writeSync(file, content, 0, content.length, at);
}

function pageOf(file: number, number: number): Buffer {
  const page = Buffer.alloc(PAGE_BYTES);
  readSync(file, page, 0, PAGE_BYTES, number * PAGE_BYTES);
  return page;
}
