import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { type DamagedBatch, type Spool, SpoolUnusableError } from '../../src/index.js';
import { encodeMeta } from '../../src/spool/lmdb-store.js';
import { batch, contents, openLmdb, temporaryFolder } from './harness/spools.js';

const LABELS = ['one', 'two', 'three', 'four', 'five'].map((word) => word.padEnd(6000, '.'));

/** Changes one letter of a payload, in the file itself: in place, since it may be open. */
function damage(directory: string, word: string): void {
  const path = join(directory, 'data.mdb');
  const at = readFileSync(path).indexOf(`${word}....`);
  expect(at).toBeGreaterThan(0);
  const file = openSync(path, 'r+');
  writeSync(file, 'X', at);
  closeSync(file);
}

function words(spool: Spool): string[] {
  return contents(spool).map(({ payload }) => payload.replaceAll('.', ''));
}

describe('LmdbSpool with a damaged file', () => {
  const folder = temporaryFolder();
  let made = 0;
  let directory: string;

  beforeEach(async () => {
    made += 1;
    directory = join(folder.path, `${made}`);
    const spool = await openLmdb(directory);
    LABELS.forEach((label) => spool.append(batch(label, 2)));
    await spool.close();
  });
  afterAll(() => folder.remove());

  it('gives up the batch that is damaged, tells of it, and keeps the others', async () => {
    damage(directory, 'three');
    const told: DamagedBatch[] = [];
    const spool = await openLmdb(directory, { onDamaged: (one) => told.push(one) });
    expect(told).toEqual([{ first: 5, directory }]);
    expect(words(spool)).toEqual(['one', 'two', 'four', 'five']);
    expect(spool.stats()).toMatchObject({ events: 8, bytes: 24_000 });
    await spool.close();
    await (await openLmdb(directory)).close();
  });

  it('does not open when nobody would hear of the loss, and changes nothing', async () => {
    damage(directory, 'three');
    await expect(openLmdb(directory)).rejects.toThrow(
      /the batch at 5 does not match its checksum.*onDamaged/s,
    );
    const told: DamagedBatch[] = [];
    const spool = await openLmdb(directory, { onDamaged: (one) => told.push(one) });
    expect(told).toHaveLength(1);
    expect(words(spool)).toHaveLength(4);
    await spool.close();
  });

  it('notices damage that comes after it was opened, and counts right afterwards', async () => {
    const told: DamagedBatch[] = [];
    const spool = await openLmdb(directory, { windowBytes: 0, onDamaged: (one) => told.push(one) });
    damage(directory, 'two');
    expect(words(spool)).toEqual(['one', 'three', 'four', 'five']);
    expect(told).toEqual([{ first: 3, directory }]);
    expect(spool.stats()).toMatchObject({ events: 8, bytes: 24_000 });
    spool.release(4);
    expect(spool.stats()).toMatchObject({ events: 6 });
    await spool.close();
  });

  it('gives a clear answer about a file whose end is missing, instead of dying of it', async () => {
    const path = join(directory, 'data.mdb');
    truncateSync(path, statSync(path).size - 2 * 4096);
    const told: DamagedBatch[] = [];
    const outcome = await openLmdb(directory, { onDamaged: (one) => told.push(one) }).then(
      async (spool) => {
        const left = words(spool).length;
        await spool.close();
        return left + told.length;
      },
      (error: unknown) => error,
    );
    expect(outcome instanceof SpoolUnusableError || outcome === LABELS.length).toBe(true);
  });

  it('says what to do about a file that is no spool', async () => {
    writeFileSync(join(directory, 'data.mdb'), Buffer.alloc(20_000, 'no spool '));
    const opening = openLmdb(directory);
    await expect(opening).rejects.toThrow(SpoolUnusableError);
    await expect(opening).rejects.toThrow(/cannot be read .* move the folder away/);
  });

  it.each([0, 2])('refuses a spool of format %d, and names both formats', async (format) => {
    const spool = await openLmdb(directory);
    await spool.close();
    const db = open<Buffer, number>({ path: directory, encoding: 'binary', overlappingSync: false });
    await db.put(0, encodeMeta({ format, epoch: spool.epoch, unusedFrom: 11 }));
    await db.close();
    await expect(openLmdb(directory)).rejects.toThrow(`has format ${format} and this version reads format 1`);
  });
});
