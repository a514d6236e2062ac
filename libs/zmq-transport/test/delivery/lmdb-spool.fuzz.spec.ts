import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { SpoolUnusableError } from '../../src/index.js';
import { DAMAGES, damageFile, seeded } from './harness/file.damage.js';
import { batch, contents, openLmdb, temporaryFolder } from './harness/spools.js';

jest.setTimeout(120_000);

/** The first five stand alone in pages of their own, the others share pages. */
const LABELS = Array.from({ length: 40 }, (_, n) => `${n}`.padEnd(n < 5 ? 6000 : 100, '.'));
const SEEDS = [1, 2, 3];

/**
 * In this process and not in one of its own: a file over which lmdb ends its process would end this one, and fail the run.
 */
describe('LmdbSpool with a file that was damaged at random', () => {
  const folder = temporaryFolder();
  const sound = join(folder.path, 'sound');
  let made = 0;

  beforeAll(async () => {
    const spool = await openLmdb(sound);
    for (const label of LABELS) await spool.append(batch(label, 2)).stored;
    spool.release(4);
    await spool.close();
  });
  afterAll(() => folder.remove());

  it.each(Object.entries(DAMAGES))('%s: opens with what is sound, or says what to do', async (_, damage) => {
    for (const seed of SEEDS) {
      made += 1;
      const directory = join(folder.path, `${made}`);
      cpSync(sound, directory, { recursive: true });
      damageFile(join(directory, 'data.mdb'), damage, seeded(seed));
      let told = 0;
      const opening = openLmdb(directory, { onDamaged: () => (told += 1) });
      const spool = await opening.catch((error: unknown) => error);
      if (spool instanceof Error) {
        expect(spool).toBeInstanceOf(SpoolUnusableError);
        expect([seed, spool.message]).toEqual([
          seed,
          expect.stringMatching(/^the spool in \S+ cannot be read \([^\n]+\): move the folder away [^\n]+$/),
        ]);
        expect(spool.message).toContain(directory);
      } else {
        const opened = await opening;
        const kept = contents(opened).map(({ payload }) => payload);
        expect(LABELS).toEqual(expect.arrayContaining(kept));
        // Acknowledged batches may be there again where the newest root is damaged: they are recognised by their numbers.
        expect([seed, kept.length + told]).toEqual([seed, expect.any(Number)]);
        expect(kept.length + told).toBeGreaterThanOrEqual(LABELS.length - 2);
        await opened.append(batch('behind')).stored;
        await opened.close();
      }
    }
  });
});
