import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError } from '@app/service-kit';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DAMAGES, damageFile, seeded } from '../../../libs/transport-core/test/spool/harness/file-damage.js';
import type { PublisherConfig } from '../src/config/publisher.config.js';
import { startPublisher, until } from './publisher.fixture.js';

const NOBODY = ['tcp://127.0.0.1:1'];

describe('with DELIVERY=durable, the folder of the spool', () => {
  let folder: string;
  let spool: string;
  let app: NestFastifyApplication | undefined;
  let lines: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'spool-folder-'));
    spool = join(folder, 'spool');
    lines = [];
    for (const level of ['warn', 'error'] as const) {
      jest.spyOn(Logger.prototype, level).mockImplementation((...[message]: unknown[]) => {
        lines.push(String(message));
      });
    }
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
    jest.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  async function start(settings: Partial<PublisherConfig> = {}): Promise<NestFastifyApplication> {
    app = await startPublisher({
      DELIVERY: 'durable',
      SPOOL_DIR: spool,
      WEBAPP_ZMQ_ADDR: NOBODY,
      ...settings,
    });
    return app;
  }

  const linesAbout = (what: RegExp): string[] => lines.filter((line) => what.test(line));

  it('is missed when it is moved away: posts are refused until it is back', async () => {
    const publisher = await start();
    const post = async () =>
      publisher.inject({
        method: 'POST',
        url: '/trade/buy',
        payload: {},
        headers: { accept: 'application/json' },
      });
    const health = () => publisher.inject('/health');
    expect((await post()).statusCode).toBe(202);

    await rename(spool, join(folder, 'moved'));
    const refused = await post();
    expect(refused.statusCode).toBe(503);
    expect(refused.json()).toMatchObject({ errors: [{ field: 'spool', rule: 'disk' }] });
    expect((await post()).statusCode).toBe(503);
    const { statusCode, body } = await health();
    expect(statusCode).toBe(503);
    expect(body).toContain('its folder was moved away, deleted or replaced');
    expect(linesAbout(/moved away, deleted or replaced/)).toHaveLength(1);
    expect(linesAbout(/cannot keep events/)).toHaveLength(1);

    await rename(join(folder, 'moved'), spool);
    expect((await post()).statusCode).toBe(202);
    expect(linesAbout(/is back: it stores events again/)).toHaveLength(1);
    expect((await health()).statusCode).toBe(200);
    expect((await health()).json()).toMatchObject({ details: { delivery: { spooledEvents: 2 } } });
  });

  it('stops the start, naming the setting, where no file can be in it', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(start({ SPOOL_DIR: join(folder, 'file', 'spool') })).rejects.toMatchObject({
      code: 'ERR_CONFIGURATION',
      faults: [{ key: 'SPOOL_DIR', message: expect.stringMatching(/spool\/answers: .*(ENOTDIR|EEXIST)/) }],
    });
  });

  it('is missed without a post, too', async () => {
    const publisher = await start();
    await rm(spool, { recursive: true });
    await until(() => linesAbout(/moved away, deleted or replaced/).length > 0);
    expect((await publisher.inject('/health')).statusCode).toBe(503);
  });

  it('may be one that others may write to, and one line says what to do', async () => {
    await start();
    await app?.close();
    await chmod(spool, 0o777);
    await start();
    expect(linesAbout(/others may write to/)).toEqual([
      `the spool in ${spool} is in a folder that others may write to (mode 0777): they can replace what it ` +
        `keeps; chmod go-w '${spool}'`,
    ]);
  });

  it('holds the start up with one sentence when its file is damaged', async () => {
    await start();
    await app?.close();
    app = undefined;
    for (const kind of ['cut to nothing', 'another format']) {
      const damage = DAMAGES[kind];
      if (damage === undefined) throw new Error(`no such damage: ${kind}`);
      damageFile(join(spool, 'data.mdb'), damage, seeded(1));
      const starting = start();
      await expect(starting).rejects.toThrow(ConfigurationError);
      await expect(starting).rejects.toThrow(`the spool in ${spool} cannot be read (its data file`);
    }
  });
});
