import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import fastify, { type FastifyInstance } from 'fastify';
import { OtlpReceiver } from '../../../testing/otlp-receiver.js';
import { NatsSettings } from '../src/config/nats-settings.js';
import { OtelTelemetry } from '../src/telemetry/otel-telemetry.js';
import { telemetryProvider } from '../src/telemetry/telemetry.js';

const clock = (): number => (performance.timeOrigin + performance.now()) / 1000;
const identity = { service: 'test', clock };

/** Posts with a body, so that the route runs after the body was read. */
function post(url: string, body: object = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe('PostTraces', () => {
  let receiver: OtlpReceiver;
  let telemetry: OtelTelemetry;
  let server: FastifyInstance;
  let url: string;
  /** What the client does once its post has arrived. */
  let leave: () => void;

  beforeEach(async () => {
    receiver = await OtlpReceiver.start();
    const settings = Object.assign(new NatsSettings(), { OTEL_BSP_SCHEDULE_DELAY: 1 });
    telemetry = new OtelTelemetry(settings, receiver.url, identity);
    server = fastify();
    server.addHook('onRoute', (route) => {
      if (route.method === 'POST') telemetry.posts?.follow(route);
    });
    server.post('/emit', async (request) => {
      const { events } = request.body as { events: number };
      const seen: (string | undefined)[] = [];
      for (let n = 0; n < events; n += 1) {
        await turn();
        seen.push(telemetry.posts?.emitted('trade'));
      }
      return seen;
    });
    server.post('/full', (_request, reply) => reply.code(503).send());
    server.post('/never', () => {
      leave();
      return new Promise(() => undefined);
    });
    server.get('/metrics', () => telemetry.posts?.emitted('trade') ?? 'none');
    await server.listen({ port: 0, host: '127.0.0.1' });
    url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  });

  afterEach(async () => {
    server.server.closeAllConnections();
    await server.close();
    await telemetry.onApplicationShutdown();
    await receiver.close();
  });

  it('give all events of a post the same trace, and posts at the same time each their own', async () => {
    const answers = await Promise.all([3, 5, 4].map((events) => post(`${url}/emit`, { events })));
    const seen = (await Promise.all(answers.map((answer) => answer.json()))) as string[][];
    const sent = await receiver.untilSpans('send trade', 3);

    expect(seen.map((parents) => new Set(parents).size)).toEqual([1, 1, 1]);
    expect(new Set(seen.flat())).toEqual(
      new Set(sent.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`)),
    );
    const counts = sent.map(({ attributes }) => Number(attributes['messaging.batch.message_count']));
    expect(counts.toSorted()).toEqual([3, 4, 5]);
  });

  it('follow no other route, and nothing outside of a request', async () => {
    expect(await (await fetch(`${url}/metrics`)).text()).toBe('none');
    expect(telemetry.posts?.emitted('trade')).toBeUndefined();
    await post(`${url}/emit`, { events: 0 });
    await receiver.untilSpans('POST /emit');
    expect(receiver.spans).toHaveLength(1);
  });

  it('show an answer of the server, and a client that goes away, as errors', async () => {
    await post(`${url}/full`);
    const [full] = await receiver.untilSpans('POST /full');
    expect(full).toMatchObject({ isError: true, attributes: { 'error.type': '503' } });

    const leaving = request(`${url}/never`, { method: 'POST', agent: false });
    leaving.on('error', () => undefined);
    leave = () => leaving.destroy();
    leaving.end();
    const [never] = await receiver.untilSpans('POST /never');
    expect(never).toMatchObject({ isError: true, attributes: { 'error.type': 'client_gone' } });
  });

  it('keep no long text of a stranger', async () => {
    await fetch(`${url}/full`, { method: 'POST', headers: { 'user-agent': 'x'.repeat(5000) } });
    const [span] = await receiver.untilSpans('POST /full');
    expect(String(span?.attributes['user_agent.original'])).toHaveLength(1024);
  });
});

describe('telemetryProvider', () => {
  it.each([
    ['without an endpoint', {}],
    ['with OTEL_SDK_DISABLED', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_SDK_DISABLED: 'true' }],
  ])('provides nothing %s', async (_, settings) => {
    const { useFactory } = telemetryProvider(NatsSettings, identity);
    expect(await useFactory(Object.assign(new NatsSettings(), settings))).toBeUndefined();
  });
});
