import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SpoolUnusableError } from '../../src/index.js';
import { SpoolProcess } from './harness/spool-process.js';
import { openLmdb, temporaryFolder } from './harness/spools.js';

describe('the owner of a spool', () => {
  const folder = temporaryFolder();
  let made = 0;
  let directory: string;

  beforeEach(() => {
    made += 1;
    directory = join(folder.path, `${made}`);
  });
  afterAll(() => folder.remove());

  it('keeps a second one of the same process out, until it is closed', async () => {
    const first = await openLmdb(directory);
    await expect(openLmdb(directory)).rejects.toThrow(SpoolUnusableError);
    await expect(openLmdb(directory)).rejects.toThrow(`belongs to this process (pid ${process.pid})`);
    await first.close();
    const second = await openLmdb(directory);
    expect(second.epoch).toBe(first.epoch);
    await second.close();
  });

  it('keeps another process out, which is told who has it; one that was killed does not', async () => {
    const child = new SpoolProcess(directory, `say('open'); setInterval(() => undefined, 1000);`);
    await child.said(1);
    await expect(openLmdb(directory)).rejects.toThrow(`belongs to process ${child.pid}:`);
    await child.kill();
    const spool = await openLmdb(directory);
    expect(spool.epoch).not.toBe('');
    await spool.close();
  });

  it('is asked of a folder: a file in its place is said to be unusable', async () => {
    writeFileSync(directory, '');
    await expect(openLmdb(directory)).rejects.toThrow(SpoolUnusableError);
  });

  it('is not taken for a later process with the same pid', async () => {
    await (await openLmdb(directory)).close();
    writeFileSync(join(directory, 'owner.7'), JSON.stringify({ pid: process.pid, startedAt: '1' }));
    const spool = await openLmdb(directory);
    expect(readFileSync(join(directory, 'owner.8'), 'utf8')).toContain(`"pid":${process.pid},`);
    await spool.close();
  });

  it('lets only one of many processes have a dead owner’s folder', async () => {
    await (await openLmdb(directory)).close();
    writeFileSync(join(directory, 'owner.1'), JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' }));
    const children = Array.from(
      { length: 4 },
      () => new SpoolProcess(directory, `say('open'); setInterval(() => undefined, 1000);`),
    );
    // Three end, with the reason; the one that is open goes on.
    let refused = 0;
    await new Promise<void>((resolve) => {
      for (const child of children) {
        void child.ended.then(() => {
          refused += 1;
          if (refused === 3) resolve();
        });
      }
    });
    const winner = children.filter((child) => child.stderr === '');
    expect(winner).toHaveLength(1);
    await winner[0]?.said(1);
    expect(
      children.filter((child) => child.stderr.includes(`belongs to process ${winner[0]?.pid}:`)),
    ).toHaveLength(3);
    await winner[0]?.kill();
  });
});
