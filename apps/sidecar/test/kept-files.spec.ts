import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger, type LoggerService } from '@nestjs/common';
import type { SidecarConfig } from '../src/config/sidecar.config.js';
import { RejectionsService } from '../src/intake/rejections/rejections.service.js';
import { TradeLedger } from '../src/counting/state/trade-ledger.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

/** Others may write to the folder of these files, so what lies there need not be ours. */
describe('the files that a sidecar keeps', () => {
  let folder: string;
  let sidecar: SidecarUnderTest | undefined;
  let lines: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kept-files-'));
    lines = [];
  });
  afterEach(async () => {
    await sidecar?.close();
    sidecar = undefined;
    await rm(folder, { recursive: true });
  });

  const take = (message: unknown): void => void lines.push(String(message));
  const logger: LoggerService = { log: take, error: take, warn: take };

  async function start(settings: Partial<SidecarConfig>): Promise<SidecarUnderTest> {
    sidecar = await startSidecar(settings, logger);
    return sidecar;
  }

  async function stop(): Promise<void> {
    await sidecar?.close();
    sidecar = undefined;
  }

  async function rejectOne({ app }: SidecarUnderTest): Promise<void> {
    app
      .get(RejectionsService)
      .reject({ reason: 'malformed', detail: '', content: 'secret', receivedAtSeconds: 1 });
    await stop();
  }

  const startWithState = (): Promise<SidecarUnderTest> => start({ SIDECAR_STATE_DIR: folder });

  const linesAbout = (what: RegExp): string[] => lines.filter((line) => what.test(line));

  describe('dead letters', () => {
    it('are for this user alone', async () => {
      const path = join(folder, 'letters.ndjson');
      await rejectOne(await start({ DEAD_LETTER_FILE: path }));
      expect(await modeOf(path)).toBe(0o600);
    });

    it('are closed to others where an earlier version left them open', async () => {
      const path = join(folder, 'letters.ndjson');
      await writeFile(path, '{}\n');
      await chmod(path, 0o644);
      await rejectOne(await start({ DEAD_LETTER_FILE: path }));
      expect(await modeOf(path)).toBe(0o600);
      expect(await readFile(path, 'utf8')).toMatch(/^\{\}\n\{.*secret.*\}\n$/);
    });

    it('are not written through a link, and what it leads to is left as it is', async () => {
      const [path, target] = [join(folder, 'letters.ndjson'), join(folder, 'precious')];
      await writeFile(target, 'precious');
      await chmod(target, 0o644);
      await symlink(target, path);
      await rejectOne(await start({ DEAD_LETTER_FILE: path }));
      expect(await readFile(target, 'utf8')).toBe('precious');
      expect(await modeOf(target)).toBe(0o644);
      expect(linesAbout(/letters\.ndjson is a link, and links are not followed/)).toHaveLength(1);
    });

    it('are not written to a pipe, which would hold them up', async () => {
      const path = join(folder, 'pipe');
      execFileSync('mkfifo', [path]);
      await rejectOne(await start({ DEAD_LETTER_FILE: path }));
      expect(linesAbout(/pipe is not a regular file/)).toHaveLength(1);
    });
  });

  describe('the state', () => {
    it.each(['state.mdb', 'state.mdb-lock'])('is not read through a link called %s', async (name) => {
      await startWithState();
      await stop();
      const target = join(folder, 'elsewhere');
      await rename(join(folder, name), target);
      await chmod(target, 0o644);
      await symlink(target, join(folder, name));
      await expect(startWithState()).rejects.toMatchObject({
        code: 'ERR_CONFIGURATION',
        message: expect.stringMatching(/cannot be used: \S+ is a link, and links are not followed/),
      });
      expect(await modeOf(target)).toBe(0o644);
    });

    it('may lie in a folder that others may write to, and one line says what to do', async () => {
      const warn = jest.spyOn(Logger, 'warn').mockImplementation(take);
      await chmod(folder, 0o777);
      await startWithState();
      warn.mockRestore();
      expect(linesAbout(/others may write to/)).toEqual([
        `the state in ${folder} is in a folder that others may write to (mode 0777): they can replace what it ` +
          `keeps; chmod go-w '${folder}'`,
      ]);
    });

    it('is missed within seconds when its folder is moved away, and goes on when that is put back', async () => {
      const state = join(folder, 'state');
      const started = await start({ SIDECAR_STATE_DIR: state });
      const ledger = started.app.get(TradeLedger);
      const health = async (): Promise<number> => (await fetch(`${started.url}/health`)).status;
      ledger.load();
      await ledger.commit({ producer: 'a', epoch: 'x', sequence: 1 });
      expect(await health()).toBe(200);

      await rename(state, join(folder, 'moved'));
      const answer = await fetch(`${started.url}/health`);
      expect(answer.status).toBe(503);
      expect(await answer.text()).toMatch(/was moved away, deleted or replaced; put it back, or start/);
      await until('it is said without an event', () => linesAbout(/state cannot be written/).length > 0);
      await expect(ledger.commit({ producer: 'a', epoch: 'x', sequence: 2 })).rejects.toThrow(
        /was moved away/,
      );

      await rename(join(folder, 'moved'), state);
      await until('it is written again', () => linesAbout(/state can be written again/).length > 0);
      await ledger.commit({ producer: 'a', epoch: 'x', sequence: 3 });
      await started.connect().send(JSON.stringify(trade()));
      expect(await health()).toBe(200);
      expect(linesAbout(/state cannot be written/)).toHaveLength(1);
      await stop();
      const again = await start({ SIDECAR_STATE_DIR: state });
      expect(again.app.get(TradeLedger).load()).toMatchObject([{ sequence: 3 }]);
    });
  });
});
