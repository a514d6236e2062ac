import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import { LINE_TYPES, receive, startLinked } from './publisher.fixture.js';

let app: NestFastifyApplication;
let pull: Pull;

beforeAll(async () => {
  ({ app, pull } = await startLinked({ BULK_MAX_ITEMS: 100, BULK_MAX_BYTES: 3 * 1024 * 1024 }));
});
afterAll(async () => {
  await app.close();
  pull.close();
});

const JSON_TYPE = 'application/json';
const NDJSON = 'application/x-ndjson';

async function post(
  type: string,
  payload: string,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await app.inject({
    method: 'POST',
    url: '/trades',
    headers: { 'content-type': type },
    payload,
  });
  return { status: response.statusCode, body: response.json() };
}

describe('POST /trades', () => {
  it('emits the valid items in their order and names the others', async () => {
    const items = [
      { side: 'buy', qty: 2 },
      { side: 'hold', qty: -1 },
      5,
      { side: 'sell' },
      { side: 'buy', qty: null },
    ];
    const { status, body } = await post(JSON_TYPE, JSON.stringify(items));
    expect(status).toBe(202);
    expect(body).toMatchObject({
      accepted: 2,
      refused: [
        {
          index: 1,
          errors: [
            { field: 'side', rule: 'enum' },
            { field: 'qty', rule: 'minimum' },
          ],
        },
        { index: 2, errors: [{ field: 'item', rule: 'type' }] },
        { index: 4, errors: [{ field: 'qty', rule: 'type' }] },
      ],
    });
    expect(await receive(pull, 2)).toMatchObject([
      { type: 'trade', side: 'buy', qty: 2 },
      { type: 'trade', side: 'sell', qty: 1 },
    ]);
  });

  it('refuses only the broken line of an NDJSON body', async () => {
    const { status, body } = await post(
      NDJSON,
      '{"side":"buy","qty":3}\n{broken\r\n\n{"side":"sell","qty":4}\n',
    );
    expect(status).toBe(202);
    expect(body).toEqual({
      accepted: 2,
      refused: [{ index: 1, errors: [{ field: 'item', rule: 'json', message: expect.any(String) }] }],
    });
    expect(await receive(pull, 2)).toMatchObject([{ qty: 3 }, { qty: 4 }]);
  });

  // The names that clients give these formats: their own, older ones, those with parameters, and any case.
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'text/json',
    'application/vnd.desk.trades+json',
  ])('reads a body of type %s as JSON', async (type) => {
    const { status, body } = await post(type, '[{"side":"buy","qty":11},{"side":"sell","qty":12}]');
    expect({ status, body }).toEqual({ status: 202, body: { accepted: 2, refused: [] } });
    expect(await receive(pull, 2)).toMatchObject([{ qty: 11 }, { qty: 12 }]);
  });

  it.each([...LINE_TYPES, 'application/x-ndjson; charset=utf-8', 'Application/X-NDJSON'])(
    'reads a body of type %s line by line',
    async (type) => {
      const { status, body } = await post(type, '{"side":"buy","qty":13}\n{"side":"sell","qty":14}');
      expect({ status, body }).toEqual({ status: 202, body: { accepted: 2, refused: [] } });
      expect(await receive(pull, 2)).toMatchObject([{ qty: 13 }, { qty: 14 }]);
    },
  );

  it.each([
    'application/msgpack',
    'application/x-msgpack',
    'application/vnd.msgpack',
    'text/plain',
    'text/csv',
    'application/jsonp',
    'application/json-seq',
  ])('answers 415 to %s, and names the field', async (type) => {
    const { status, body } = await post(type, '[{"side":"buy"}]');
    expect(status).toBe(415);
    expect(body).toMatchObject({ errors: [{ field: 'content-type', rule: 'mediaType' }] });
  });

  it('answers 400 with the same list when not one item was taken', async () => {
    const { status, body } = await post(JSON_TYPE, '[{"side":"up"}]');
    expect(status).toBe(400);
    expect(body).toMatchObject({
      status: 400,
      accepted: 0,
      refused: [{ index: 0, errors: [{ field: 'side' }] }],
    });
  });

  it.each([
    ['JSON', JSON_TYPE, '[{"side":"buy","qty":5,"__proto__":{"qty":9}},{"__proto__":{"side":"buy"}}]'],
    ['NDJSON', NDJSON, '{"side":"buy","qty":5,"__proto__":{"qty":9}}\n{"__proto__":{"side":"buy"}}'],
  ])('takes nothing from a __proto__ in %s, and nothing else amiss', async (_, type, payload) => {
    const { status, body } = await post(type, payload);
    expect(status).toBe(202);
    expect(body).toMatchObject({ accepted: 1, refused: [{ index: 1, errors: [{ field: 'side' }] }] });
    expect(await receive(pull, 1)).toMatchObject([{ side: 'buy', qty: 5 }]);
    expect({}).not.toHaveProperty('side');
  });

  it.each([
    ['an object', '{"side":"buy"}', 400, 'type'],
    ['an empty list', '[]', 400, 'minItems'],
    [
      'more items than it may have',
      JSON.stringify(Array.from({ length: 101 }, () => ({ side: 'buy' }))),
      413,
      'maxItems',
    ],
    ['more bytes than it may have', JSON.stringify('x'.repeat(3 * 1024 * 1024)), 413, 'maxBytes'],
  ])('refuses %s as a whole', async (_, payload, status, rule) => {
    const answer = await post(JSON_TYPE, payload);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ errors: [{ field: 'body', rule }] });
  });

  it('takes a list that is longer than the limit for one trade', async () => {
    const padding = 'x'.repeat(2 * 1024 * 1024);
    expect((await post(JSON_TYPE, JSON.stringify([{ side: 'buy', qty: 77, padding }]))).status).toBe(202);
    expect((await post(NDJSON, JSON.stringify({ side: 'sell', qty: 78, padding }))).status).toBe(202);
    // Also proves that nothing of the refused requests was emitted in between.
    expect(await receive(pull, 2)).toMatchObject([{ qty: 77 }, { qty: 78 }]);
  });
});
