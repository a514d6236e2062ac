import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SidecarConfig } from '../src/config/sidecar.config.js';
import { startSidecar, until, type SidecarUnderTest } from './sidecar.fixture.js';

describe('dead letters', () => {
  let sidecar: SidecarUnderTest | undefined;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dead-letters-'));
  });

  afterEach(async () => {
    await sidecar?.close();
    sidecar = undefined;
    await rm(folder, { recursive: true });
  });

  /** Starts a sidecar and has it reject `bad-1` … `bad-<count>`. */
  async function rejectSome(count: number, settings: Partial<SidecarConfig>): Promise<SidecarUnderTest> {
    const started = await startSidecar(settings);
    sidecar = started;
    const socket = started.connect();
    for (let number = 1; number <= count; number += 1) await socket.send(`bad-${number}`);
    await until(`${count} messages are rejected`, async () => (await started.letters()).rejected === count);
    return started;
  }

  it('are listed newest first, as many as asked for, and unique', async () => {
    const started = await rejectSome(5, {});
    const { letters } = await started.letters('?limit=3');
    expect(letters.map((letter) => letter.content)).toEqual(['bad-5', 'bad-4', 'bad-3']);
    expect(new Set((await started.letters()).letters.map((letter) => letter.id)).size).toBe(5);
    expect(Math.abs((letters[0]?.receivedAtSeconds ?? 0) - Date.now() / 1000)).toBeLessThan(10);
  });

  it.each(['?limit=0', '?limit=-1', '?limit=x', '?limit=1.5', '?limit=100000'])(
    'refuse %s with a problem',
    async (query) => {
      const started = await rejectSome(0, {});
      const response = await fetch(`${started.url}/dead-letters${query}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        status: 400,
        errors: expect.arrayContaining([expect.objectContaining({ field: 'limit' })]),
      });
    },
  );

  it('are bounded in number: the oldest give way, the count goes on', async () => {
    const started = await rejectSome(20, { DEAD_LETTER_MAX_COUNT: 4 });
    const { kept, letters } = await started.letters();
    expect(kept).toBe(4);
    expect(letters.map((letter) => letter.content)).toEqual(['bad-20', 'bad-19', 'bad-18', 'bad-17']);
    expect(await started.metric('trading_dead_letters')).toBe(4);
  });

  it('are written to the file, one JSON document a line, all of them by the time the sidecar has closed', async () => {
    const file = join(folder, 'letters.ndjson');
    const started = await rejectSome(50, { DEAD_LETTER_FILE: file, DEAD_LETTER_MAX_COUNT: 1 });
    await started.close();
    sidecar = undefined;
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const contents = lines.map((line) => (JSON.parse(line) as { content: string }).content);
    expect(contents).toEqual(Array.from({ length: 50 }, (_, index) => `bad-${index + 1}`));
  });

  it('that the disk does not take are counted, and reception goes on', async () => {
    const started = await rejectSome(10, {
      DEAD_LETTER_FILE: join(folder, 'no-such-folder', 'letters.ndjson'),
    });
    await until('all are known to be unwritten', async () => {
      return (await started.metric('trading_dead_letters_unwritten_total')) === 10;
    });
    expect((await fetch(`${started.url}/health`)).status).toBe(200);
  });

  it('stop growing the file at its limit', async () => {
    const file = join(folder, 'letters.ndjson');
    const started = await rejectSome(100, { DEAD_LETTER_FILE: file, DEAD_LETTER_FILE_MAX_BYTES: 2000 });
    await until('the rest is known to be unwritten', async () => {
      const { size } = await stat(file);
      const lines = (await readFile(file, 'utf8')).split('\n').length - 1;
      const unwritten = await started.metric('trading_dead_letters_unwritten_total');
      return size <= 2000 && lines + unwritten === 100 && unwritten > 0;
    });
    expect((await stat(file)).size).toBeGreaterThan(0);
  });
});
