import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LmdbSpool, SpoolFailedError } from '../../src/index.js';
import { until } from '../../../zmq-transport/test/harness/until.js';
import { batch, contents, openLmdb } from './harness/spools.js';

/** A disk of 4 MiB, where the user may make one; undefined elsewhere. */
function mountSmallDisk(): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'zmq-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    // Only root may, and not in every container: the suite is reported as skipped.
    rmSync(path, { recursive: true });
    return undefined;
  }
}

const disk = mountSmallDisk();
const whenMounted = disk === undefined ? describe.skip : describe;

whenMounted('LmdbSpool on a full disk (wants root, to mount a small one)', () => {
  const LABEL = 'x'.repeat(20_000);
  let spool: LmdbSpool;
  let made = 0;

  // lmdb itself prints why a commit failed.
  beforeEach(() => jest.spyOn(console, 'error').mockReturnValue());
  beforeEach(async () => {
    made += 1;
    spool = await openLmdb(join(disk ?? '', `${made}`), { windowBytes: 100_000 });
  });
  afterEach(async () => {
    await spool.close();
    rmSync(join(disk ?? '', `${made}`), { recursive: true });
    jest.restoreAllMocks();
  });
  afterAll(() => {
    execFileSync('umount', [disk ?? '']);
    rmSync(disk ?? '', { recursive: true });
  });

  /** @returns the numbers that were stored, and the error that ended it. */
  async function fill(): Promise<{ stored: number[]; error: unknown }> {
    const stored: number[] = [];
    for (;;) {
      try {
        const appended = spool.append(batch(LABEL));
        await appended.stored;
        stored.push(appended.batch.first);
      } catch (error) {
        return { stored, error };
      }
    }
  }

  const canAppend = async (): Promise<boolean> => {
    try {
      await spool.append(batch(LABEL)).stored;
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(SpoolFailedError);
      return false;
    }
  };

  it('refuses what it cannot store, says so, and keeps exactly what it could', async () => {
    const { stored, error } = await fill();
    expect(error).toBeInstanceOf(SpoolFailedError);
    expect((error as Error).message).toMatch(/cannot write to the disk of \S+ \(.*bytes are free\)/);
    expect(error).toMatchObject({ cause: { message: expect.any(String) } });
    expect(stored.length).toBeGreaterThan(50);
    expect(contents(spool).map(({ first }) => first)).toEqual(stored);
    expect(spool.stats()).toMatchObject({ events: stored.length, bytes: stored.length * LABEL.length });
    expect(() => spool.append(batch(LABEL))).toThrow(/is full: \d+ bytes are free/);
  });

  it('takes events again as soon as acknowledged ones have made room, without any help', async () => {
    const { stored } = await fill();
    const given = spool.nextSequence;
    spool.release(stored.at(-1) ?? 0);
    await until(canAppend);
    expect(contents(spool)[0]?.first).toBeGreaterThanOrEqual(given);
    const again = await fill();
    expect(again.stored.length).toBeGreaterThan(30);
    spool.release(again.stored.at(-1) ?? 0);
    await until(canAppend);
  });

  it('takes events again when others have made room, and skips the numbers of those it refused', async () => {
    const bulk = join(disk ?? '', 'bulk');
    writeFileSync(bulk, Buffer.alloc(1_000_000));
    const { stored } = await fill();
    rmSync(bulk);
    await until(canAppend);
    const numbers = contents(spool).map(({ first }) => first);
    expect(numbers.slice(0, stored.length)).toEqual(stored);
    expect(numbers.at(-1)).toBeGreaterThan((stored.at(-1) ?? 0) + 1);
  });

  it('can be opened while the disk is full, to send what it holds', async () => {
    const { stored } = await fill();
    await spool.close();
    const bulk = join(disk ?? '', 'bulk');
    expect(() => writeFileSync(bulk, Buffer.alloc(4_000_000))).toThrow('ENOSPC');
    spool = await openLmdb(join(disk ?? '', `${made}`));
    expect(contents(spool).map(({ first }) => first)).toEqual(stored);
    rmSync(bulk);
    await until(canAppend);
  });
});
