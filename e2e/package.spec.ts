import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../testing/environment.js';
import { freePorts } from '../testing/ports.js';
import { ProgramScope } from '../testing/program.js';
import { ROOT } from '../testing/root.js';
import { PackageProject } from './harness/package-project.js';

const run = promisify(execFile);

/** A user's program: the same text is compiled as an ES module and as CommonJS. */
const CONSUMER = `
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { typedClient, ZmqClient, ZmqServer } from 'nestjs-zmq-transport';
import { MessagePackCodec } from 'nestjs-zmq-transport/msgpack';
import { ZmqHealthIndicator } from 'nestjs-zmq-transport/terminus';
import { lastValueFrom } from 'rxjs';

interface Contract { events: { noted: string }; requests: { sum: { request: number[]; response: number } } }

const notes: string[] = [];
@Controller()
class Numbers {
  @EventPattern<string>('noted')
  onNoted(@Payload() text: string): void { notes.push(text); }
  @MessagePattern<string>('sum')
  sum(@Payload() numbers: number[]): number { return numbers.reduce((a, b) => a + b, 0); }
}
@Module({ controllers: [Numbers] })
class AppModule {}

async function main(): Promise<void> {
  const codec = new MessagePackCodec();
  const strategy = new ZmqServer({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*', codec });
  const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
  await app.listen();
  const client = typedClient<Contract>(
    new ZmqClient({ pair: 'dealer-router', connect: [...strategy.boundAddresses], codec }),
  );
  client.emit('noted', 'hello');
  // @ts-expect-error the types of the package refuse another payload
  client.emit('noted', 1);
  const sum = await lastValueFrom(client.send('sum', [1, 2, 3]));
  await client.close();
  await app.close();
  console.log(JSON.stringify({ notes, sum, health: typeof ZmqHealthIndicator }));
}
void main();
`;

/** Runs a script of the repository. @returns what it prints */
async function nodeOutput(...args: string[]): Promise<string> {
  const options = { cwd: ROOT, env: childEnvironment({}), timeout: 100_000 };
  const { stdout } = await run(process.execPath, args, options);
  return stdout;
}

/** Around the README's block about acknowledged delivery, which begins where a service is. */
const BEFORE_DELIVERY = `
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, Payload } from '@nestjs/microservices';
import { ZmqClient, ZmqRecordBuilder, ZmqServer } from 'nestjs-zmq-transport';

interface Trade { qty: number }
let total = 0;
@Controller()
class Trades {
  @EventPattern<string>('trade')
  onTrade(@Payload() { qty }: Trade): void { total += qty; }
}
@Module({ controllers: [Trades] })
class AppModule {}
const strategy = new ZmqServer({ pair: 'dealer-router', bind: 'tcp://127.0.0.1:*' });
const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
await app.listen();
const [address = ''] = strategy.boundAddresses;
const trade: Trade = { qty: 2 };
`;
const AFTER_DELIVERY = `
await Promise.all([stored, applied]);
console.log(JSON.stringify({ total, id: typeof id }));
await client.close();
await app.close();
`;
/** Before its block about CURVE. */
const BEFORE_CURVE = `
import { ZmqClient, ZmqServer } from 'nestjs-zmq-transport';
import { curveKeyPair } from 'zeromq';
const [serverPair, clientPair] = [curveKeyPair(), curveKeyPair()];
const bind = 'tcp://127.0.0.1:*';
const connect = 'tcp://127.0.0.1:1';
`;

describe('the package nestjs-zmq-transport, packed and installed', () => {
  let project: PackageProject;

  beforeAll(async () => {
    project = await PackageProject.create('zmq');
    const [port = 0] = await freePorts(1);
    const spool = join(project.folder, 'spool');
    const [service = '', caller = '', delivery = '', curve = ''] = project.readme(4, {
      ':5555': `:${port}`,
      '/var/lib/shop/spool': spool,
    });
    const programs = {
      'import.mts': CONSUMER,
      'require.cts': CONSUMER,
      'service.mts': service,
      'caller.mts': caller,
      'delivery.mts':
        BEFORE_DELIVERY + delivery.replace(`'tcp://127.0.0.1:${port}'`, 'address') + AFTER_DELIVERY,
      'curve.mts': BEFORE_CURVE + curve,
    };
    for (const [file, text] of Object.entries(programs)) project.write(file, text);
    // All at once: the compiler takes seconds to begin.
    await project.compile(...Object.keys(programs));
  });
  afterAll(() => project.dispose());

  it.each(['import.mjs', 'require.cjs'])(
    'carries an event and a request in a program with %s',
    async (file) => {
      expect(JSON.parse(await project.node(file))).toEqual({
        notes: ['hello', 1],
        sum: 6,
        health: 'function',
      });
    },
  );

  it('was compiled both ways, so that neither test runs the other', () => {
    expect(readFileSync(join(project.folder, 'require.cjs'), 'utf8')).toContain(
      'require("nestjs-zmq-transport")',
    );
    expect(readFileSync(join(project.folder, 'import.mjs'), 'utf8')).toContain("from 'nestjs-zmq-transport'");
  });

  it('runs the quick start as its README prints it', async () => {
    const scope = new ProgramScope();
    try {
      scope.start(process.execPath, [join(project.folder, 'service.mjs')]);
      // The request waits for the service, which is still starting.
      expect(await project.node('caller.mjs')).toMatch(/^6$/m);
    } finally {
      await scope.dispose();
    }
  });

  it('delivers three events durably, and takes keys, as its README prints it', async () => {
    expect(JSON.parse(await project.node('delivery.mjs'))).toEqual({ total: 6, id: 'string' });
    expect(readdirSync(join(project.folder, 'spool'))).not.toEqual([]);
    expect(await project.node('curve.mjs')).toBe('');
  });

  it('makes a service that counts orders and answers, and a sender, by `init`', async () => {
    const [port = 0] = await freePorts(1);
    const settings = { ORDERS_ADDRESS: `tcp://127.0.0.1:${port}` };
    const programs = await project.initialised();
    const scope = new ProgramScope();
    try {
      const service = scope.start(process.execPath, [join(programs, 'main.js')], settings);
      const sender = scope.start(process.execPath, [join(programs, 'send.js')], settings);
      // The sender waits for the service, which is still starting.
      expect(await sender.exited).toEqual({ code: 0, signal: null });
      expect(sender.output).toMatch(/total: 7$/m);
      expect(service.output).toMatch(/orders: 1 2$|orders: 1$[^]*orders: 2$/m);
      expect(await service.stop()).toEqual({ code: 0, signal: null });
    } finally {
      await scope.dispose();
    }
  });

  it('needs what it names as peers, and names what it needs', () => {
    const manifest = JSON.parse(readFileSync(join(project.installed, 'package.json'), 'utf8')) as {
      peerDependencies: Record<string, string>;
    };
    const sources = filesOf('.js').map((file) => readFileSync(file, 'utf8'));
    const imported = sources.flatMap((text) =>
      [...text.matchAll(/(?:from |import\()'([^.'][^']*)'/g)].map(([, name]) => name),
    );
    const packages = new Set(imported.filter((name) => name?.startsWith('node:') === false));
    expect([...packages].sort()).toEqual(Object.keys(manifest.peerDependencies).sort());
  });

  it('is what a release would publish: publint, attw and a list of what belongs in it find no fault', () => {
    expect(project.release).toMatch(
      /^(nestjs-zmq-transport) (\d+\.\d+\.\d+): \d+ files, \d+ kB; publint, attw and contents have no fault\nwould publish \1@\2 /m,
    );
    expect(readdirSync(project.installed)).toEqual(
      expect.arrayContaining(['README.md', 'PROTOCOL.md', 'LICENSE', 'package.json', 'dist']),
    );
  });

  it('would not be published with a fault', async () => {
    const broken = join(project.folder, 'broken');
    cpSync(project.installed, broken, { recursive: true });
    rmSync(join(broken, 'LICENSE'));
    rmSync(join(broken, 'dist/zmq-transport/src/terminus.d.ts'));
    project.write('broken/dist/notes.spec.js', 'export {};');
    await run('npm', ['pack', broken, '--silent', '--pack-destination', project.folder]);
    const tarball = readdirSync(project.folder).find((name) => name.endsWith('.tgz')) ?? '';
    const inspect = `import { inspectTarball } from './scripts/lib/package-faults.mjs';
      console.log((await inspectTarball(process.argv[1])).faults.join('\\n'));`;
    const faults = await nodeOutput('--input-type=module', '-e', inspect, join(project.folder, tarball));
    for (const fault of [
      /^LICENSE is missing$/m,
      /^dist\/notes\.spec\.js does not belong in the package$/m,
      /^dist\/zmq-transport\/src\/terminus\.js has no types$/m,
      /^publint: .*terminus\.d\.ts/m,
      /^attw: .*terminus/m,
    ])
      expect(faults).toMatch(fault);
  });

  function filesOf(ending: string): string[] {
    return readdirSync(join(project.installed, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith(ending))
      .map((file) => join(project.installed, 'dist', file));
  }
});

describe('npm run release', () => {
  it('publishes nothing without a token, and says so before it builds', async () => {
    const refused = run(process.execPath, ['scripts/release.mjs'], { cwd: ROOT, env: childEnvironment({}) });
    await expect(refused).rejects.toMatchObject({
      code: 78,
      stdout: '',
      stderr: expect.stringMatching(
        /^release: NPM_TOKEN is not set[^]*\nNothing was published\.\n$/,
      ) as unknown,
    });
  });
});

describe('npm run changeset', () => {
  it('gives both packages one version, and each a changelog', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'changeset-'));
    const packages = ['zmq-transport', 'jetstream-transport'];
    for (const file of ['package.json', '.changeset', ...packages.map((name) => `${name}/package.json`)])
      cpSync(join(ROOT, 'libs', file), join(folder, file), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const note = "---\n'nestjs-zmq-transport': minor\n---\n\nA socket has a name.\n";
    writeFileSync(join(folder, '.changeset', 'calm-owls-sing.md'), note);
    try {
      const cli = join(ROOT, 'node_modules', '@changesets', 'cli', 'bin.js');
      await run(process.execPath, [cli, 'version'], { cwd: folder, env: childEnvironment({}) });
      const [zmq, jetstream] = packages.map(
        (name) => JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')) as { version: string },
      );
      expect(jetstream?.version).toBe(zmq?.version);
      const changelog = readFileSync(join(folder, 'zmq-transport', 'CHANGELOG.md'), 'utf8');
      expect(changelog).toContain(`## ${zmq?.version}`);
      expect(changelog).toContain('A socket has a name.');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('npm run example', () => {
  it('tracing: one trace passes caller, request and event, each in a step of its own', async () => {
    const lines = (await nodeOutput('scripts/example.mjs', 'tracing')).trim().split('\n');
    const steps = lines.map((line) => /^(\w+) trace=([0-9a-f]{32}) step=([0-9a-f]{16})$/.exec(line) ?? []);
    expect(steps.map(([, where]) => where)).toEqual(['caller', 'place', 'placed']);
    expect(new Set(steps.map(([, , trace]) => trace)).size).toBe(1);
    expect(new Set(steps.map(([, , , step]) => step)).size).toBe(3);
  });

  // The run before has built them all.
  it.each([
    ['quick-start', /^event: hello\nrequest: 6\n$/],
    ['custom-codec', /^1000 ticks in \d+ messages\n$/],
    ['two-services', /^shop: 400 apples left$/m],
    ['curve', /^friend: 6\nstranger: ERR_ZMQ_AUTHENTICATION_FAILED\ndenied: 1\n$/],
  ])('%s does what it says', async (name, output) => {
    expect(await nodeOutput(`dist/examples/${name}/main.js`)).toMatch(output);
  });
});
