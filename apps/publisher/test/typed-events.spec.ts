import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import { type ApiDocument, apiFaults } from '../../../testing/openapi.js';
import { receive, startLinked } from './publisher.fixture.js';

const FILE = `events:
  order:
    description: An order.
    schema: { type: object, required: [venue], properties: { venue: { type: string }, ms: { type: number, exclusiveMinimum: 0 }, note: { type: [string, 'null'] } } }
    example: { venue: XETR, ms: 4 }
    metrics: [{ counter: orders_total, help: Orders. }]
`;

describe('POST /events/:type', () => {
  const folder = mkdtempSync(join(tmpdir(), 'event-types-'));
  let app: NestFastifyApplication;
  let pull: Pull;

  beforeAll(async () => {
    const EVENT_TYPES = join(folder, 'metrics.yml');
    writeFileSync(EVENT_TYPES, FILE);
    ({ app, pull } = await startLinked({ EVENT_TYPES, BULK_MAX_ITEMS: 5 }));
  });
  afterAll(async () => {
    await app.close();
    pull.close();
    rmSync(folder, { recursive: true });
  });

  async function post(url: string, payload: string, headers: Record<string, string> = {}) {
    const response = await app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json', ...headers },
      payload,
    });
    return { status: response.statusCode, body: response.json<Record<string, unknown>>() };
  }

  async function metric(sample: string): Promise<number> {
    const { body } = await app.inject({ url: '/metrics' });
    const line = body.split('\n').find((candidate) => candidate.startsWith(`${sample} `));
    return Number(line?.slice(sample.length + 1));
  }

  it('sends one event as it was posted, with its type', async () => {
    const { status, body } = await post('/events/order', '{"venue":"X","more":[1]}');
    expect({ status, body }).toEqual({ status: 202, body: { type: 'order', venue: 'X', more: [1] } });
    expect(await receive(pull, 1)).toEqual([{ type: 'order', venue: 'X', more: [1] }]);
    expect(await metric('trading_publisher_events_accepted_total{type="order"}')).toBe(1);
    expect(await metric('trading_publisher_accepted_total{side="buy"}')).toBe(0);
  });

  it.each([
    ['an array', 'application/json', '[{"venue":"A"},{"ms":1},5,{"type":"order","venue":"B"}]'],
    ['lines of JSON', 'application/x-ndjson', '{"venue":"A"}\n{"ms":1}\n5\n{"type":"order","venue":"B"}\n'],
  ])('sends the good ones of %s, and names the others', async (_, type, payload) => {
    const { status, body } = await post('/events/order', payload, { 'content-type': type });
    expect(status).toBe(202);
    expect(body).toMatchObject({
      accepted: 2,
      refused: [
        { index: 1, errors: [{ field: 'venue', rule: 'required' }] },
        { index: 2, errors: [{ field: 'item', rule: 'type' }] },
      ],
    });
    expect(await receive(pull, 2)).toEqual([
      { type: 'order', venue: 'A' },
      { type: 'order', venue: 'B' },
    ]);
  });

  it.each([
    ['/events/order', '{"venue":5}', 400, 'venue', 'type'],
    ['/events/order', '{"venue":"X","ms":1e400}', 400, 'ms', 'type'],
    ['/events/order', '{"type":"trade","venue":"X"}', 400, 'type', 'const'],
    ['/events/order', '5', 400, 'body', 'type'],
    ['/events/order', '[]', 400, 'body', 'minItems'],
    ['/events/order', '[1,2,3,4,5,6]', 413, 'body', 'maxItems'],
    ['/events/order?wait=applied', '{"venue":"X"}', 409, 'wait', 'delivery'],
  ])('refuses %s with %s by %i, naming field and rule', async (url, payload, status, field, rule) => {
    const answer = await post(url, payload);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ errors: [{ field, rule }] });
  });

  it('refuses types that the file does not have, forms and broken JSON, and counts all but the last', async () => {
    const before = await metric('trading_publisher_refused_total{reason="unknown_type"}');
    for (const type of ['trade', 'constructor', 'quote']) {
      const { status, body } = await post(`/events/${type}`, '{}');
      expect({ status, detail: body['detail'] }).toEqual({
        status: 404,
        detail: 'there is no such type: the types are order',
      });
    }
    expect(await metric('trading_publisher_refused_total{reason="unknown_type"}')).toBe(before + 3);
    const form = await post('/events/order', 'venue=X', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(form.status).toBe(415);
    expect((await post('/events/order', '{')).status).toBe(400);
  });

  it('takes a post that comes again with its key once', async () => {
    const headers = { 'idempotency-key': 'order-1' };
    const first = await post('/events/order', '{"venue":"K"}', headers);
    expect(await post('/events/order', '{"venue":"K"}', headers)).toEqual(first);
    await post('/events/order', '{"venue":"L"}');
    expect(await receive(pull, 2)).toMatchObject([{ venue: 'K' }, { venue: 'L' }]);
  });

  it('shows the types in Swagger, with schema and example', async () => {
    const document = (await app.inject({ url: '/docs-json' })).json<ApiDocument>();
    expect(apiFaults(document)).toEqual([]);
    const { paths } = document as unknown as {
      paths: Record<string, { post: { parameters: object[]; requestBody: { content: object } } }>;
    };
    const { parameters, requestBody } = paths['/events/{type}']?.post ?? {
      parameters: [],
      requestBody: undefined,
    };
    expect(parameters).toContainEqual(
      expect.objectContaining({ name: 'type', schema: { type: 'string', enum: ['order'] } }),
    );
    expect(requestBody?.content).toMatchObject({
      'application/json': {
        schema: { title: 'order', required: ['venue'] },
        examples: { order: { value: { type: 'order', venue: 'XETR', ms: 4 } } },
      },
    });
  });
});

describe('without EVENT_TYPES', () => {
  it('there is no type to post', async () => {
    const { app, pull } = await startLinked();
    const answer = await app.inject({ method: 'POST', url: '/events/order', payload: {} });
    expect({ status: answer.statusCode, body: answer.json() }).toMatchObject({
      status: 404,
      body: { detail: 'there is no such type: EVENT_TYPES is not set' },
    });
    await app.close();
    pull.close();
  });
});
