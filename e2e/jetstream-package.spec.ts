import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NatsServer } from '../testing/nats.js';
import { ProgramScope } from '../testing/program.js';
import { describeWith } from '../testing/installed.js';
import { PackageProject } from './harness/package-project.js';

/** A user's program: the same text is compiled as an ES module and as CommonJS. */
const CONSUMER = `
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { BatchEventPattern, JetStreamClient, JetStreamServer } from 'nestjs-jetstream-transport';

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
  const client = new JetStreamClient({ servers, stream });
  client.emit('noted', 'hello');
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
  });
  afterAll(async () => {
    await scope.dispose();
    await broker.dispose();
    project.dispose();
  });

  it.each([
    ['import.mts', 'import.mjs'],
    ['require.cts', 'require.cjs'],
  ])('carries an event in a program compiled from %s', async (source, program) => {
    project.write(source, CONSUMER);
    await project.compile(source);
    expect(await project.node(program, url, program.replace('.', '-'))).toContain('"hello"');
  });

  it('runs the quick start as its README prints it', async () => {
    const readme = readFileSync(join(project.installed, 'README.md'), 'utf8');
    const [service = '', emitter = ''] = [...readme.matchAll(/```ts\n([^]*?)```/g)].map(([, code = '']) =>
      code.replaceAll('nats://127.0.0.1:4222', url),
    );
    project.write('service.mts', service);
    project.write('emitter.mts', emitter);
    await project.compile('service.mts', 'emitter.mts');
    const running = scope.start(process.execPath, [join(project.folder, 'service.mjs')]);
    expect(await project.node('emitter.mjs')).toMatch(/^stored$/m);
    await running.waitForOutput(/orders: 7/);
    expect(await running.stop()).toMatchObject({ code: 0 });
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
