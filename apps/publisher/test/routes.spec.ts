import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import { head, routesOf, routesWith } from '../../../testing/routes.js';
import { LiveFeed } from '../src/live/live-feed.js';
import { startLinked } from './publisher.fixture.js';

/** An address of each route that can be read. A new route belongs here, or this spec fails. */
const READ = {
  '/': '/',
  '/assets/*': '/assets/page.js',
  '/demo': '/demo',
  '/docs': '/docs',
  '/docs-json': '/docs-json',
  '/docs/*': '/docs/swagger-ui.css',
  '/docs/LICENSE': undefined,
  '/docs/docs/swagger-ui-init.js': '/docs/docs/swagger-ui-init.js',
  '/docs/index.html': '/docs/index.html',
  '/docs/swagger-ui-init.js': '/docs/swagger-ui-init.js',
  '/events': '/events',
  '/health': '/health',
  '/health/live': '/health/live',
  '/health/ready': '/health/ready',
  '/latency': '/latency',
  '/metrics': '/metrics',
  '/page/settings': '/page/settings',
  '/pipeline': '/pipeline',
  '/plain': '/plain',
  '/plain/page.css': '/plain/page.css',
  '/prometheus/*': '/prometheus/api/v1/query?query=up',
  '/sidecar/*': '/sidecar/stream',
} as const;
const WRITTEN = [
  'DELETE /demo',
  'POST /demo',
  'POST /events/:type',
  'POST /sidecar/dead-letters/:id/replay',
  'POST /trade/:side',
  'POST /trades',
];

describe('the routes of the publisher', () => {
  const root = mkdtempSync(join(tmpdir(), 'routes-'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let upstream: Server;
  let app: NestFastifyApplication;
  let pull: Pull;
  let url: string;
  const held = new Set<object>();

  beforeAll(async () => {
    mkdirSync(join(root, 'assets'));
    writeFileSync(join(root, 'index.html'), '<!doctype html>');
    writeFileSync(join(root, 'assets', 'page.js'), '');
    // A server whose answers never end, as a stream's.
    upstream = createServer((_asked, answer) => {
      held.add(answer);
      answer.on('close', () => held.delete(answer));
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const at = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    ({ app, pull } = await startLinked({ SIDECAR_HTTP_URL: at, PROMETHEUS_URL: at, WEB_ROOT: root }));
    url = await app.getUrl();
  });
  afterAll(async () => {
    agent.destroy();
    await app.close();
    pull.close();
    upstream.closeAllConnections();
    upstream.close();
    rmSync(root, { recursive: true });
  });

  const headOf = (path: string): ReturnType<typeof head> => head(url + path, agent);

  it('are those that are listed here, and each that can be read answers HEAD too', () => {
    expect(routesOf(app)).toEqual(routesWith(READ, WRITTEN));
  });

  it.each(Object.values(READ).filter((path) => path !== undefined))(
    'answers HEAD %s at once',
    async (path) => {
      expect((await headOf(path)).statusCode).toBe(200);
    },
  );

  it.each(['/events', '/sidecar/stream'])('holds nothing for 300 HEADs of %s', async (path) => {
    for (let times = 0; times < 300; times += 1) await headOf(path);
    expect(app.get(LiveFeed).stats().clients).toBe(0);
    while (held.size > 0) await new Promise(setImmediate);
    const stream = request(url + path).end();
    expect(((await once(stream, 'response')) as [IncomingMessage])[0].statusCode).toBe(200);
    stream.destroy();
  });

  it.each(['/docs/', '/latency/', '/pipeline/?x=1', '/plain/'])(
    'sends %s to where relative links lead right',
    async (path) => {
      const { headers, statusCode } = await app.inject(path);
      expect(statusCode).toBe(308);
      expect(new URL(String(headers.location), `http://h/desk${path}`).href).toBe(
        `http://h/desk${path.replace(/\/(\?|$)/, '$1')}`,
      );
    },
  );
});
