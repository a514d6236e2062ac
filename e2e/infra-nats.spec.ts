import { existsSync } from 'node:fs';
import { JetStreamClient } from '@app/jetstream-transport';
import { Logger } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import { ScratchFolder } from '../testing/folder.js';
import { describeWith } from '../testing/installed.js';
import { occupyPort } from '../testing/ports.js';
import { childrenOf, isAlive, type Program, ProgramScope } from '../testing/program.js';

const SCRIPT = 'scripts/infra-nats.mjs';

// The clients of this file say that they make their stream.
Logger.overrideLogger(false);

async function urlOf(infra: Program): Promise<string> {
  const [, url = ''] = await infra.waitForOutput(/^NATS is ready: NATS_URL=(\S+)/m);
  return url;
}

/** Stores one event */
async function store(servers: string, replicas: 1 | 3): Promise<void> {
  const client = new JetStreamClient({ servers, stream: { replicas }, emitResolves: 'stored' });
  try {
    await lastValueFrom(client.emit('order', { id: 7 }), { defaultValue: undefined });
  } finally {
    await client.close();
  }
}

describeWith('nats-server', 'npm run infra:nats', () => {
  const scope = new ProgramScope();
  const folder = new ScratchFolder('infra-nats-');
  afterEach(() => scope.dispose());
  afterAll(() => folder.remove());

  const start = (...args: string[]) => scope.start(process.execPath, [SCRIPT, '--port', '0', ...args]);

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'stores events, and ends its server on %s without a trace',
    async (signal) => {
      const infra = start();
      await store(await urlOf(infra), 1);
      const servers = childrenOf(infra.pid);
      expect(servers).toHaveLength(1);

      expect(await infra.stop(signal)).toEqual({ code: 0, signal: null });

      expect(servers.filter(isAlive)).toEqual([]);
      expect(infra.stderr).toBe('');
    },
  );

  it('runs three servers that replicate, and says when one of them is gone', async () => {
    const infra = start('--cluster');
    const url = await urlOf(infra);
    expect(url.split(',')).toHaveLength(3);
    await store(url, 3);
    const servers = childrenOf(infra.pid);
    const [first = 0] = servers;

    process.kill(first, 'SIGKILL');

    expect((await infra.exited).code).toBe(1);
    expect(infra.stderr).toMatch(/^infra:nats: nats-server ended by itself \(SIGKILL\)$/m);
    expect(servers.filter(isAlive)).toEqual([]);
  });

  it('keeps its files in a folder that was given', async () => {
    const infra = start('--data', folder.path);
    await store(await urlOf(infra), 1);
    await infra.stop();

    expect(infra.stdout).toContain(`(files in ${folder.path})`);
    expect(existsSync(`${folder.path}/server/jetstream/$G/streams/EVENTS`)).toBe(true);
  });

  it('says in one line what is wrong', async () => {
    const taken = await occupyPort();
    const onTakenPort = scope.start(process.execPath, [SCRIPT, '--port', String(taken.port)]);
    const without = scope.start(process.execPath, [SCRIPT], { PATH: '/nowhere' });
    const wrong = scope.start(process.execPath, [SCRIPT, '--port', '70000']);

    expect((await onTakenPort.exited).code).toBe(1);
    expect(onTakenPort.output).toBe(
      `infra:nats: port ${taken.port} on 127.0.0.1 is already in use; set --port to another\n`,
    );
    await taken.close();
    expect((await without.exited).code).toBe(69);
    expect(without.output).toMatch(/^infra:nats: there is no "nats-server" on the PATH; install it .*\n$/);
    expect((await wrong.exited).code).toBe(64);
    expect(wrong.output).toMatch(/^infra:nats: --port must be a port, 0 to 65535, not "70000" .*\n$/);
  });
});
