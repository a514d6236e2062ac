import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createHttpAdapter, setUpHttpApp } from '@app/service-kit';
import { register } from 'prom-client';
import { Pull } from 'zeromq';
import { until } from '../../../testing/wait.js';
import { noteRoutes } from '../../../testing/routes.js';
import { AppModule, setUpPublisher } from '../src/app.module.js';
import { PublisherConfig } from '../src/config/publisher.config.js';
import { LinkService } from '../src/publishing/link.service.js';

export { until };

/** A socket as a sidecar has one, bound to a port that the operating system chose. */
export async function bindPull(address = 'tcp://127.0.0.1:*'): Promise<{ pull: Pull; address: string }> {
  const pull = new Pull({ linger: 0 });
  await pull.bind(address);
  return { pull, address: String(pull.lastEndpoint) };
}

/** The next `count` events from the socket, whether they come one a message or in arrays. */
export async function receive(pull: Pull, count: number): Promise<unknown[]> {
  const events: unknown[] = [];
  while (events.length < count) {
    const [frame] = await pull.receive();
    const value: unknown = JSON.parse(String(frame));
    events.push(...(Array.isArray(value) ? (value as unknown[]) : [value]));
  }
  return events;
}

/** The whole publisher, listening, with `settings` in place of its environment. */
export async function startPublisher(settings: Partial<PublisherConfig>): Promise<NestFastifyApplication> {
  // prom-client has one registry for the process, and a metric may be defined in it only once.
  register.clear();
  // Whether the page happens to be built must not change what a test sees.
  const fixed = { DRAIN_TIMEOUT_MS: 0, WEB_ROOT: 'no/such/folder' };
  const config = Object.assign(new PublisherConfig(), fixed, settings);
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .overrideProvider(PublisherConfig)
    .useValue(config)
    .compile();
  const adapter = noteRoutes(createHttpAdapter());
  const app = testing.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
  setUpHttpApp(app, { name: 'publisher' });
  await setUpPublisher(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

/** The publisher with a connected socket at the other end. */
export async function startLinked(
  settings: Partial<PublisherConfig> = {},
): Promise<{ app: NestFastifyApplication; pull: Pull }> {
  const { pull, address } = await bindPull();
  const app = await startPublisher({ WEBAPP_ZMQ_ADDR: [address], ...settings });
  await until(() => app.get(LinkService).isUp);
  return { app, pull };
}

/** The content types of lines of JSON that the contract promises to read. */
export const LINE_TYPES: readonly string[] = [
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonl',
  'application/jsonlines',
  'application/x-jsonlines',
  'application/json-lines',
];
