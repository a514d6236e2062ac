import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { head, routesOf, routesWith } from '../../../testing/routes.js';
import { type ApiDocument, apiFaults } from '../../../testing/openapi.js';
import { TradeExport } from '../src/http/questions/trade-export.js';
import { LiveStream } from '../src/http/live-stream.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

/** An address of each route that can be read. A new route belongs here, or this spec fails. */
const READ = {
  '/analytics/export': '/analytics/export?format=csv&last=1h',
  '/analytics/interarrival': '/analytics/interarrival?last=60s',
  '/analytics/bars': '/analytics/bars?last=60s',
  '/analytics/quantities': '/analytics/quantities?last=60s',
  '/analytics/latency': '/analytics/latency?last=60s',
  '/analytics/series': '/analytics/series?metric=trades&side=buy&step=1s&last=60s',
  '/analytics/summary': '/analytics/summary?last=60s',
  '/analytics/symbols': '/analytics/symbols?last=60s',
  '/asyncapi': '/asyncapi',
  '/asyncapi.css': '/asyncapi.css',
  '/asyncapi.json': '/asyncapi.json',
  '/dead-letters': '/dead-letters',
  '/docs': '/docs',
  '/docs-json': '/docs-json',
  '/docs/*': '/docs/swagger-ui.css',
  '/docs/LICENSE': undefined,
  '/docs/docs/swagger-ui-init.js': '/docs/docs/swagger-ui-init.js',
  '/docs/index.html': '/docs/index.html',
  '/docs/swagger-ui-init.js': '/docs/swagger-ui-init.js',
  '/health': '/health',
  '/health/live': '/health/live',
  '/health/ready': '/health/ready',
  '/metrics': '/metrics',
  '/stream': '/stream',
} as const;
const WRITTEN = ['POST /dead-letters/:id/replay'];

describe('the routes of the sidecar', () => {
  let sidecar: SidecarUnderTest;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });

  beforeAll(async () => {
    sidecar = await startSidecar();
  });
  afterAll(async () => {
    agent.destroy();
    await sidecar.close();
  });

  const headOf = (path: string): ReturnType<typeof head> => head(sidecar.url + path, agent);

  it('are those that are listed here, and each that can be read answers HEAD too', () => {
    expect(routesOf(sidecar.app)).toEqual(routesWith(READ, WRITTEN));
  });

  it.each(Object.values(READ).filter((path) => path !== undefined))(
    'answers HEAD %s at once',
    async (path) => {
      expect((await headOf(path)).statusCode).toBe(200);
    },
  );

  it('are documented so that a linter has nothing to say, each error with the schema of a problem', async () => {
    const answer = await fetch(`${sidecar.url}/docs-json`);
    expect(apiFaults((await answer.json()) as ApiDocument)).toEqual([]);
  });

  it('holds nothing for more HEADs of its stream than there may be streams', async () => {
    for (let times = 0; times < 300; times += 1) await headOf('/stream');
    expect(sidecar.app.get(LiveStream).stats().clients).toBe(0);
    const stream = request(`${sidecar.url}/stream`).end();
    expect(((await once(stream, 'response')) as [IncomingMessage])[0].statusCode).toBe(200);
    stream.destroy();
  });

  it('makes nothing of an export for HEAD', async () => {
    const socket = sidecar.connect();
    const trades = JSON.stringify(Array.from({ length: 10_000 }, () => trade()));
    await socket.send(trades);
    await socket.send(trades);
    const counted = () => sidecar.metric('trades_total{side="buy"}');
    await until('they are counted', async () => (await counted()) === 20_000);
    const exporter = sidecar.app.get(TradeExport);
    let made = 0;
    const chunks = exporter.chunks.bind(exporter);
    jest.spyOn(exporter, 'chunks').mockImplementation(async function* (...asked) {
      for await (const chunk of chunks(...asked)) {
        made += 1;
        yield chunk;
      }
    });
    await headOf('/analytics/export?format=csv&last=1h');
    await headOf('/health');
    // Of ten chunks.
    expect(made).toBeLessThanOrEqual(2);
  });
});
