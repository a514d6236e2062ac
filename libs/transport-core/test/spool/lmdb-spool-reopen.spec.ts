import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { batch, contents, openLmdb, temporaryFolder } from './harness/spools.js';

describe('LmdbSpool, opened again', () => {
  const folder = temporaryFolder();
  let made = 0;
  let directory: string;

  beforeEach(() => {
    made += 1;
    directory = join(folder.path, `${made}`);
  });
  afterAll(() => folder.remove());

  it('has its epoch, its batches and its counts, and goes on with the next number', async () => {
    const before = await openLmdb(directory);
    before.append(batch('a', 3, 10));
    before.append(batch('b', 2, 20));
    await before.close();
    const after = await openLmdb(directory);
    expect(after.epoch).toBe(before.epoch);
    expect(contents(after)).toEqual([
      { first: 1, payload: 'a' },
      { first: 4, payload: 'b' },
    ]);
    expect(after.stats()).toEqual({ events: 5, bytes: 2, oldestAcceptedAtSeconds: 10 });
    expect(after.append(batch('c')).batch.first).toBe(6);
    await after.close();
  });

  it('stores what was appended before close() resolves', async () => {
    const before = await openLmdb(directory);
    const outcomes: string[] = [];
    void before.append(batch('a')).stored?.then(() => outcomes.push('stored'));
    await before.close();
    expect(outcomes).toEqual(['stored']);
  });

  it('never gives a number twice, also when everything was acknowledged', async () => {
    const before = await openLmdb(directory);
    await before.append(batch('a', 10)).stored;
    before.release(10);
    await before.close();
    const after = await openLmdb(directory);
    expect(contents(after)).toEqual([]);
    expect(after.nextSequence).toBe(11);
    await after.close();
  });

  it('does not bring back what was dropped or acknowledged', async () => {
    const before = await openLmdb(directory, { windowBytes: 0 });
    for (const label of ['a', 'b', 'c', 'd']) {
      await before.append(batch(label)).stored;
    }
    before.dropOldestFrom(3);
    before.release(1);
    await before.close();
    const after = await openLmdb(directory);
    expect(contents(after).map(({ payload }) => payload)).toEqual(['b', 'd']);
    await after.close();
  });

  it('is for the eyes of its user alone', async () => {
    const spool = await openLmdb(directory);
    await spool.append(batch('a')).stored;
    const modes = readdirSync(directory).map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(modes).toEqual([
      ['data.mdb', 0o600],
      ['lock.mdb', 0o600],
      ['owner.1', 0o600],
      ['reserve', 0o600],
    ]);
    await spool.close();
  });

  it('reads back more than its window, and keeps order while it does', async () => {
    const spool = await openLmdb(directory, { windowBytes: 2000 });
    for (let n = 0; n < 500; n += 1) {
      await spool.append(batch(`event ${n}`)).stored;
    }
    expect(contents(spool).map(({ payload }) => payload)).toEqual(
      Array.from({ length: 500 }, (_, n) => `event ${n}`),
    );
    await spool.close();
  });
});
