import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createHttpAdapter, setUpHttpApp } from '@app/service-kit';
import { register } from 'prom-client';
import { Pull } from 'zeromq';
import { until } from '../../../testing/wait.js';
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

/** `METHOD /path` of every route of an app that was started here. */
const routes = new WeakMap<NestFastifyApplication, string[]>();

export function routesOf(app: NestFastifyApplication): readonly string[] {
  return routes.get(app)?.toSorted() ?? [];
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
  const found: string[] = [];
  const adapter = createHttpAdapter();
  adapter.getInstance().addHook('onRoute', ({ method, url }) => {
    // With and without a slash at the end is one route.
    found.push(...[method].flat().map((each) => `${each} ${url.replace(/(.)\/$/, '$1')}`));
  });
  const app = testing.createNestApplication<NestFastifyApplication>(adapter, { logger: false });
  routes.set(app, found);
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
