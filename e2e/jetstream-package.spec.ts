import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NatsServer } from '../testing/nats.js';
import { ProgramScope } from '../testing/program.js';
import { describeWith } from '../testing/installed.js';
import { ROOT } from '../testing/root.js';
import { PackageProject } from './harness/package-project.js';

/** A user's program: the same text is compiled as an ES module and as CommonJS. */
const CONSUMER = `
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { BatchEventPattern, JetStreamClient, JetStreamServer, typedClient } from 'nestjs-jetstream-transport';

let heard: (notes: readonly string[]) => void;
const notes = new Promise<readonly string[]>((resolve) => (heard = resolve));
@Controller()
class Notes {
  @BatchEventPattern('noted')
  onNoted(@Payload() texts: readonly string[]): void { heard(texts); }
}
@Module({ controllers: [Notes] })
class AppModule {}

async function main(): Promise<void> {
  const servers = process.argv[2] ?? '';
  const stream = { name: 'NOTES', partitions: 1 };
  const strategy = new JetStreamServer({ servers, stream, group: String(process.argv[3]) });
  const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
  await app.listen();
  const client = typedClient<{ events: { noted: string } }>(new JetStreamClient({ servers, stream }));
  client.emit('noted', 'hello');
  // @ts-expect-error an event that the contract does not name
  void (() => client.emit('other', 'hello'));
  console.log(JSON.stringify(await notes));
  await client.close();
  await app.close();
}
void main();
`;

describeWith('nats-server', 'the package nestjs-jetstream-transport, packed and installed', () => {
  const scope = new ProgramScope();
  let project: PackageProject;
  let broker: NatsServer;
  let url: string;

  beforeAll(async () => {
    project = await PackageProject.create('jetstream');
    broker = await NatsServer.start();
    ({ url } = broker);
    const [service = '', emitter = ''] = project.readme(2, { 'nats://127.0.0.1:4222': url });
    const programs = {
      'import.mts': CONSUMER,
      'require.cts': CONSUMER,
      'service.mts': service,
      'emitter.mts': emitter,
      'example.mts': readFileSync(join(ROOT, 'examples', 'jetstream', 'main.ts'), 'utf8'),
    };
    for (const [file, text] of Object.entries(programs)) project.write(file, text);
    // All at once: the compiler takes seconds to begin.
    await project.compile(...Object.keys(programs));
  });
  afterAll(async () => {
    await scope.dispose();
    await broker.dispose();
    project.dispose();
  });

  it.each(['import.mjs', 'require.cjs'])('carries an event in a program with %s', async (program) => {
    expect(await project.node(program, url, program.replace('.', '-'))).toContain('"hello"');
  });

  it('runs the quick start as its README prints it', async () => {
    const running = scope.start(process.execPath, [join(project.folder, 'service.mjs')]);
    expect(await project.node('emitter.mjs')).toMatch(/^stored$/m);
    await running.waitForOutput(/orders: 7/);
    expect(await running.stop()).toMatchObject({ code: 0 });
  });

  it('runs the example of two servers', async () => {
    const example = scope.start(process.execPath, [join(project.folder, 'example.mjs')], { NATS_URL: url });
    expect(await example.exited).toEqual({ code: 0, signal: null });
    expect(example.output).toBe('100 orders in 4 partitions\n');
  });

  it('makes a service that handles orders, and a sender, by `init`', async () => {
    const settings = { NATS_URL: url };
    const programs = await project.initialised();
    const service = scope.start(process.execPath, [join(programs, 'main.js')], settings);
    const sender = scope.start(process.execPath, [join(programs, 'send.js')], settings);

    expect(await sender.exited).toEqual({ code: 0, signal: null });
    expect(sender.output).toMatch(/stored: 1 2$/m);
    // Partitions keep no order among each other, and have the orders of the tests before.
    await service.waitForOutput(/orders:( \d)* 1\b/);
    await service.waitForOutput(/orders:( \d)* 2\b/);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
  });

  it('is what a release would publish, without a fault', () => {
    expect(project.release).toMatch(/^would publish nestjs-jetstream-transport@/m);
  });

  it('needs what it names as peers, and names what it needs', () => {
    const manifest = JSON.parse(readFileSync(join(project.installed, 'package.json'), 'utf8')) as {
      peerDependencies: Record<string, string>;
    };
    const imported = readdirSync(join(project.installed, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.js') && !file.endsWith('msgpack.js'))
      .map((file) => readFileSync(join(project.installed, 'dist', file), 'utf8'))
      .flatMap((text) => [...text.matchAll(/(?:from |import\()'([^.'][^']*)'/g)].map(([, name]) => name));
    const packages = new Set(imported.filter((name) => name?.startsWith('node:') === false));
    expect([...packages].sort()).toEqual(Object.keys(manifest.peerDependencies).sort());
  });
});
