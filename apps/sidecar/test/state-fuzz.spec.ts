import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { ConfigurationError } from '@app/service-kit';
import { DAMAGES, damageFile, seeded } from '../../../libs/transport-core/test/spool/harness/file-damage.js';
import type { DeadLetter } from '../src/intake/rejections/dead-letter.js';
import { StateFile } from '../src/counting/state/state-file.js';
import {
  NO_COUNTS,
  STATE_FORMAT,
  type StateChange,
  type StateRecord,
} from '../src/counting/state/state-record.js';

const SEEDS = [1, 2, 3];
const LETTERS = 30;
const COMMITS = 5;
const SENTENCE =
  /^"[^"\n]+" holds a state that is damaged; move the folder away [^\n]+ \(state\.mdb: [^\n]+\)$/;

/** What the sidecar has counted at its `n`-th commit. */
function recordAt(n: number): StateRecord {
  return {
    format: STATE_FORMAT,
    counters: { ...NO_COUNTS, sides: { ...NO_COUNTS.sides, buy: { trades: n, volume: n / 10 } } },
    positions: [{ producer: 'a', epoch: 'x', sequence: n }],
    letters: n === 0 ? 0 : LETTERS,
  };
}

function changeAt(n: number): StateChange {
  const letters = Array.from({ length: LETTERS }, (_, index) => ({
    number: index + 1,
    letter: { id: `${index}`, reason: 'malformed', detail: 'x'.repeat(800) } as unknown as DeadLetter,
  }));
  const rows = [{ part: 'symbols', key: 'ETH', value: [n, n, n] }];
  return { record: recordAt(n), letters, firstLetter: 1, rows, snapshot: Buffer.alloc(20_000, n) };
}

/** What a start finds, with what it does first: take the folder, read, and keep what it counts. */
async function start(directory: string): Promise<StateRecord> {
  const file = await StateFile.open(directory);
  try {
    const { record } = file.read();
    await file.write(changeAt(COMMITS + 1));
    return record;
  } finally {
    await file.close();
  }
}

/** `sound`, `refused` with the one sentence that is wanted, or what came instead. */
async function outcomeOf(directory: string): Promise<string> {
  try {
    const found = await start(directory);
    // An earlier commit, where the newest root is damaged; never a mixture, and never zero.
    const isKept = [COMMITS, COMMITS - 1].some((n) => isDeepStrictEqual(found, recordAt(n)));
    return isKept ? 'sound' : `goes on from ${JSON.stringify(found)}`;
  } catch (error) {
    const [fault] = error instanceof ConfigurationError ? error.faults : [];
    const isWanted =
      fault?.key === 'SIDECAR_STATE_DIR' &&
      fault.message.startsWith(JSON.stringify(directory)) &&
      SENTENCE.test(fault.message);
    return isWanted ? 'refused' : `fails with ${String(error)}`;
  }
}

/**
 * In this process and not in one of its own: a file over which lmdb ends its process would end this one, and fail the run.
 */
describe('a state file that was damaged at random', () => {
  const folder = mkdtempSync(join(tmpdir(), 'state-fuzz-'));
  const sound = join(folder, 'sound');
  let made = 0;

  beforeAll(async () => {
    const file = await StateFile.open(sound);
    for (let n = 1; n <= COMMITS; n += 1) await file.write(changeAt(n));
    await file.close();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is sound without damage', async () => {
    const directory = join(folder, 'copy');
    cpSync(sound, directory, { recursive: true });
    expect(await outcomeOf(directory)).toBe('sound');
  });

  it.each(Object.entries(DAMAGES))(
    '%s: goes on from what was kept, or says what to do',
    async (_, damage) => {
      const surprises: [number, string][] = [];
      for (const seed of SEEDS) {
        made += 1;
        const directory = join(folder, `${made}`);
        cpSync(sound, directory, { recursive: true });
        damageFile(join(directory, 'state.mdb'), damage, seeded(seed));
        const outcome = await outcomeOf(directory);
        if (!['sound', 'refused'].includes(outcome)) surprises.push([seed, outcome]);
      }
      expect(surprises).toEqual([]);
    },
  );
});
