import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SpoolFailedError } from '../../src/index.js';
import { GroupWriter } from '../../src/spool/group-writer.js';
import { LmdbStore } from '../../src/spool/lmdb-store.js';
import { batch, contents, openLmdb, temporaryFolder } from './harness/spools.js';

const numbered = (first: number) => ({ first, ...batch('a') });
const breakDisk = () => jest.spyOn(LmdbStore.prototype, 'commit').mockRejectedValue(new Error('EIO'));

describe('LmdbSpool on a disk that fails', () => {
  const folder = temporaryFolder();
  let made = 0;
  let directory: string;
  let warnings: string[];
  const onWarning = (warning: SpoolFailedError): void => void warnings.push(warning.message);

  beforeEach(() => {
    made += 1;
    directory = join(folder.path, `${made}`);
    warnings = [];
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => folder.remove());

  /** The reserve can be neither taken nor given up: a folder is where its file should be. */
  function blockReserve(): void {
    rmSync(join(directory, 'reserve'));
    mkdirSync(join(directory, 'reserve'));
  }

  it('closes although its last write fails, says so, and leaves the folder to the next one', async () => {
    const spool = await openLmdb(directory, { onWarning });
    await spool.append(batch('a')).stored;
    const disk = breakDisk();
    await spool.close();
    expect(warnings).toEqual([`the spool in ${directory} was not closed cleanly (EIO)`]);
    disk.mockRestore();
    await spool.open();
    expect(contents(spool)).toEqual([{ first: 1, payload: 'a' }]);
    expect(spool.nextSequence).toBeGreaterThan(2);
    await spool.append(batch('b')).stored;
    await spool.close();
    expect(warnings).toHaveLength(1);
  });

  it('closes with a write under way that fails, and refuses what was in it', async () => {
    const spool = await openLmdb(directory, { onWarning });
    const disk = breakDisk();
    const { stored } = spool.append(batch('a'));
    await spool.close();
    await expect(stored).rejects.toThrow(SpoolFailedError);
    disk.mockRestore();
    await spool.open();
    expect(contents(spool)).toEqual([]);
    await spool.close();
  });

  it('gives the folder back although lmdb does not close', async () => {
    const spool = await openLmdb(directory, { onWarning });
    const close = LmdbStore.prototype.close;
    jest.spyOn(LmdbStore.prototype, 'close').mockImplementationOnce(async function (this: LmdbStore) {
      await close.call(this);
      throw new Error('EIO');
    });
    await spool.close();
    expect(warnings).toEqual([`the spool in ${directory} was not closed cleanly (EIO)`]);
    await spool.open();
    await spool.close();
  });

  it('warns by the process when nobody else listens', async () => {
    const emitted = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const spool = await openLmdb(directory);
    breakDisk();
    await spool.close();
    // Words and not the error: an error of another realm (jest's) would be refused.
    expect(emitted).toHaveBeenCalledWith(`the spool in ${directory} was not closed cleanly (EIO)`, {
      type: 'SpoolFailedError',
      code: 'ERR_ZMQ_SPOOL_FAILED',
    });
  });

  it('refuses events, one after the other, when its folder has gone too', async () => {
    const spool = await openLmdb(directory, { onWarning });
    breakDisk();
    rmSync(directory, { recursive: true });
    for (const label of ['a', 'b']) {
      expect(() => spool.append(batch(label))).toThrow(SpoolFailedError);
      expect(() => spool.append(batch(label))).toThrow(/moved away, deleted or replaced/);
    }
    expect(spool.stats()).toMatchObject({ events: 0, fault: expect.stringContaining(directory) });
    await spool.close();
    expect(warnings).toEqual([
      expect.stringMatching(/is gone: its folder/),
      `the spool in ${directory} was not closed cleanly (EIO)`,
    ]);
  });

  it('reports as stored what was stored, although the reserve cannot be taken again', async () => {
    const spool = await openLmdb(directory, { onWarning });
    const disk = breakDisk();
    await expect(spool.append(batch('a')).stored).rejects.toThrow(SpoolFailedError);
    disk.mockRestore();
    blockReserve();
    await spool.append(batch('b')).stored;
    await spool.append(batch('c')).stored;
    expect(contents(spool).map(({ payload }) => payload)).toEqual(['b', 'c']);
    expect(warnings).toEqual([expect.stringMatching(/cannot reserve room on its disk \(.*EISDIR/)]);
    await spool.close();
  });
});

describe('GroupWriter', () => {
  it('settles what waits and goes on, although the words for a failure fail', async () => {
    let works = false;
    const writer = new GroupWriter({
      commit: () => (works ? Promise.resolve() : Promise.reject(new Error('EIO'))),
      onStored: () => undefined,
      onFailed: () => {
        throw new Error('no words');
      },
      onRemoved: () => undefined,
    });
    const failure = await writer.put(numbered(1)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(SpoolFailedError);
    expect(failure).toMatchObject({ cause: { errors: [{ message: 'EIO' }, { message: 'no words' }] } });
    await writer.drain();
    works = true;
    await writer.put(numbered(2));
    expect(writer.unwrittenBytes).toBe(0);
  });
});
