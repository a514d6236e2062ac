import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { SpoolUnusableError } from '../../src/index.js';
import { DAMAGES, damageFile, seeded } from './harness/file-damage.js';
import { batch, contents, openLmdb, temporaryFolder } from './harness/spools.js';

/** The first five stand alone in pages of their own, the others share pages. */
const LABELS = Array.from({ length: 40 }, (_, n) => `${n}`.padEnd(n < 5 ? 6000 : 100, '.'));
const SEEDS = [1, 2, 3];
const SENTENCE = /^the spool in \S+ cannot be read \([^\n]+\): move the folder away [^\n]+$/;

/** `sound` with all batches there or told of, `refused` with the one sentence that is wanted, or what came instead. */
async function outcomeOf(directory: string): Promise<string> {
  let told = 0;
  try {
    const spool = await openLmdb(directory, { onDamaged: () => (told += 1) });
    try {
      const kept = contents(spool).map(({ payload }) => payload);
      await spool.append(batch('behind')).stored;
      // Acknowledged ones may be there again where the newest root is damaged: the server knows them by their numbers.
      const isSound =
        kept.every((label) => LABELS.includes(label)) && kept.length + told >= LABELS.length - 2;
      return isSound ? 'sound' : `has ${kept.length} batches, and tells of ${told} others`;
    } finally {
      await spool.close();
    }
  } catch (error) {
    const isWanted =
      error instanceof SpoolUnusableError &&
      error.message.startsWith(`the spool in ${directory} cannot be read (`) &&
      SENTENCE.test(error.message);
    return isWanted ? 'refused' : `fails with ${String(error)}`;
  }
}

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

  it('is sound without damage', async () => {
    const directory = join(folder.path, 'copy');
    cpSync(sound, directory, { recursive: true });
    expect(await outcomeOf(directory)).toBe('sound');
  });

  it.each(Object.entries(DAMAGES))('%s: opens with what is sound, or says what to do', async (_, damage) => {
    const surprises: [number, string][] = [];
    for (const seed of SEEDS) {
      made += 1;
      const directory = join(folder.path, `${made}`);
      cpSync(sound, directory, { recursive: true });
      damageFile(join(directory, 'data.mdb'), damage, seeded(seed));
      const outcome = await outcomeOf(directory);
      if (!['sound', 'refused'].includes(outcome)) surprises.push([seed, outcome]);
    }
    expect(surprises).toEqual([]);
  });
});
