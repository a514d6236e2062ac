import { HeapWatch } from '../harness/heap-watch.js';
import { batch, openLmdb, temporaryFolder } from './harness/spools.js';

describe('the memory of an LmdbSpool', () => {
  it('stays bounded while 200,000 batches wait on the disk, and all of them are there', async () => {
    const folder = temporaryFolder();
    const spool = await openLmdb(folder.path, { windowBytes: 1024 * 1024 });
    const label = 'x'.repeat(600);
    const TURN = 2000;
    let heap: HeapWatch | undefined;
    for (let n = 0; n < 200_000; n += TURN) {
      const appended = Array.from({ length: TURN }, () => spool.append(batch(label)).stored);
      await Promise.all(appended);
      // The first turns warm it up; more than 100 MB are appended after them.
      if (n === 10 * TURN) heap = new HeapWatch();
      // Each look is a whole collection.
      if (n % (10 * TURN) === 0) heap?.sample();
    }
    heap?.sample();
    expect((heap?.maxMib ?? Number.NaN) - (heap?.startMib ?? 0)).toBeLessThan(30);
    expect(spool.stats()).toMatchObject({ events: 200_000, bytes: 120_000_000 });
    expect([1, 100_000, 200_000].map((n) => spool.readFrom(n)?.first)).toEqual([1, 100_000, 200_000]);
    spool.release(199_999);
    expect(spool.stats()).toMatchObject({ events: 1 });
    await spool.close();
    folder.remove();
  });

  it('refuses what the disk does not keep up with', async () => {
    const folder = temporaryFolder();
    const spool = await openLmdb(folder.path, { maxUnwrittenBytes: 10_000 });
    for (let n = 0; n < 10; n += 1) {
      spool.append(batch('x'.repeat(1000)));
    }
    expect(() => spool.append(batch('x'))).toThrow(/does not keep up: 10000 bytes wait/);
    await spool.close();
    folder.remove();
  });
});
