import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { HTTP_REFUSALS } from '@app/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import { type ApiDocument, apiFaults } from '../../../testing/openapi.js';
import { LinkService } from '../src/publishing/link.service.js';
import { receive, startLinked } from './publisher.fixture.js';

let app: NestFastifyApplication;
let pull: Pull;

beforeAll(async () => {
  ({ app, pull } = await startLinked());
});
afterAll(async () => {
  await app.close();
  pull.close();
});

describe('the publisher', () => {
  it('shows both sides and every reason at 0 before the first trade', async () => {
    const { body } = await app.inject('/metrics');
    expect(body).toContain('trading_publisher_accepted_total{side="buy"} 0');
    expect(body).toContain('trading_publisher_accepted_total{side="sell"} 0');
    expect(body).toContain('trading_publisher_refused_total{reason="outbox_full"} 0');
    expect(body).toContain('trading_transport_link_up 1');
    expect(body).toContain('trading_transport_drops_total{reason="outbox_full"} 0');
    expect(body).toContain('process_cpu_seconds_total');
    for (const reason of HTTP_REFUSALS) {
      expect(body).toContain(`trading_http_refused_total{reason="${reason}"} 0`);
    }
  });

  it('counts what it took and what it refused, also what no handler saw', async () => {
    await app.inject({ method: 'POST', url: '/trade/buy' });
    await app.inject({ method: 'POST', url: '/trade/hold' });
    await app.inject({
      method: 'POST',
      url: '/trade/buy',
      headers: { 'content-type': 'text/csv' },
      payload: 'a',
    });
    await app.inject({
      method: 'POST',
      url: '/trades',
      payload: [{ side: 'sell' }, { side: 'sell', qty: -1 }],
    });
    await receive(pull, 2);
    const { body } = await app.inject('/metrics/');
    expect(body).toContain('trading_publisher_accepted_total{side="buy"} 1');
    expect(body).toContain('trading_publisher_accepted_total{side="sell"} 1');
    expect(body).toContain('trading_publisher_refused_total{reason="invalid_side"} 1');
    expect(body).toContain('trading_publisher_refused_total{reason="invalid_qty"} 1');
    expect(body).toContain('trading_publisher_refused_total{reason="malformed"} 1');
    expect(body).toContain('trading_transport_sent_total 2');
  });

  it('is healthy while a sidecar is connected', async () => {
    const response = await app.inject('/health');
    expect(response.statusCode).toBe(200);
    expect(response.json()).toMatchObject({ status: 'ok', details: { link: { state: 'connected' } } });
  });

  it('is ready then, and alive until its link is closed for good', async () => {
    expect((await app.inject('/health/ready')).json()).toEqual((await app.inject('/health')).json());
    expect((await app.inject('/health/live')).statusCode).toBe(200);
    const closed = await startLinked();
    await closed.app.get(LinkService).onApplicationShutdown();
    const live = await closed.app.inject('/health/live');
    await closed.app.close();
    closed.pull.close();
    expect(live.statusCode).toBe(503);
  });

  it.each(['/', '/plain'])(
    'serves a page at %s that shows what was emitted, without any script',
    async (path) => {
      await app.inject({ method: 'POST', url: '/trade/sell', payload: { qty: 31.25 } });
      await receive(pull, 1);
      const { body, headers } = await app.inject(path);
      expect(headers['content-type']).toContain('text/html');
      expect(body).toContain('<td>sell</td><td>31.25</td>');
      expect(body).not.toMatch(/<script/);
      expect((await app.inject('/plain/page.css')).headers['content-type']).toContain('text/css');
    },
  );

  it('tells readers of /events the state of the link, then each trade as it was sent', async () => {
    const request = get(`${await app.getUrl()}/events`, { agent: false });
    const [stream] = (await once(request, 'response')) as [IncomingMessage];
    const sent = (await app.inject({ method: 'POST', url: '/trade/buy', payload: { qty: 12.5 } })).body;
    await receive(pull, 1);
    let text = '';
    while (!text.includes(sent)) text += String((await once(stream, 'data'))[0]);
    expect(text).toContain(
      '{"type":"link","state":"connected","delivery":"at-most-once","pair":"push-pull","queued":0}',
    );
    stream.destroy();
  });

  it('documents itself with a schema and examples taken from the contract', async () => {
    expect((await app.inject('/docs')).statusCode).toBe(200);
    const { paths, components } = (await app.inject('/docs-json')).json<
      Record<string, Record<string, unknown>>
    >();
    expect(Object.keys(paths ?? {})).toEqual(
      expect.arrayContaining(['/trade/{side}', '/trades', '/health', '/events']),
    );
    expect(components).toMatchObject({
      schemas: { PostTradeDto: { properties: { qty: { type: 'number', minimum: 0, example: 1.5 } } } },
    });
  });

  it('documents itself so that a linter has nothing to say, each error with the schema of a problem', async () => {
    const document = (await app.inject('/docs-json')).json<ApiDocument>();
    expect(apiFaults(document)).toEqual([]);
    // Behind a proxy with a prefix, a client finds the routes beside the document.
    const [server] = document.servers;
    expect(new URL(`${server?.url}/trade/buy`, 'https://desk.lan/desk/docs-json').href).toBe(
      'https://desk.lan/desk/trade/buy',
    );
    expect(apiFaults({ ...document, servers: [] })).toEqual([expect.stringMatching(/^no-empty-servers/)]);
  });
});
