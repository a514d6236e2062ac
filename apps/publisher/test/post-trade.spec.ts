import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Pull } from 'zeromq';
import { LINE_TYPES, receive, startLinked } from './publisher.fixture.js';

let app: NestFastifyApplication;
let pull: Pull;

beforeAll(async () => {
  ({ app, pull } = await startLinked());
});
afterAll(async () => {
  await app.close();
  pull.close();
});

const URLENCODED = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };
/** The header of a part, and a whole part of a name that is not ours. */
const QTY = '--b\r\ncontent-disposition: form-data; name="qty"';
const OTHER = '--b\r\ncontent-disposition: form-data; name="other"\r\n\r\nx\r\n';
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

function brokenForm(payload: string): { headers: Record<string, string>; payload: string } {
  return { headers: { 'content-type': 'multipart/form-data; boundary=b' }, payload };
}

function multipartOf(fields: number): { headers: Record<string, string>; payload: string } {
  const part = '--b\r\ncontent-disposition: form-data; name="other"\r\n\r\n1\r\n';
  return brokenForm(`${part.repeat(fields)}--b--\r\n`);
}

function multipart(field: string, value: string): { headers: Record<string, string>; payload: string } {
  const payload = `--b\r\ncontent-disposition: form-data; name="${field}"\r\n\r\n${value}\r\n--b--\r\n`;
  return { headers: { 'content-type': 'multipart/form-data; boundary=b' }, payload };
}

interface Input {
  headers?: Record<string, string>;
  payload?: string;
}

async function post(url: string, input: Input): Promise<{ status: number; body: string; headers: object }> {
  const response = await app.inject({ method: 'POST', url, ...input });
  return { status: response.statusCode, body: response.body, headers: response.headers };
}

describe('POST /trade/:side', () => {
  it.each<[string, Input, number]>([
    ['no body', {}, 1],
    ['JSON announced and nothing sent', { headers: JSON_TYPE, payload: '' }, 1],
    ['an empty object', { headers: JSON_TYPE, payload: '{}' }, 1],
    ['a JSON number', { headers: JSON_TYPE, payload: '{"qty":2.5}' }, 2.5],
    ['zero', { headers: JSON_TYPE, payload: '{"qty":0}' }, 0],
    ['a urlencoded form', { headers: URLENCODED, payload: 'qty=0.25' }, 0.25],
    ['a multipart form', multipart('qty', '3.5'), 3.5],
    ['a multipart form without qty', multipart('other', 'x'), 1],
    ['a multipart form without fields', brokenForm('--b--\r\n'), 1],
    ['a multipart form with text around it', brokenForm(`before\r\n${QTY}\r\n\r\n4\r\n--b--\r\nafter`), 4],
    ['a quantity beside a __proto__', { headers: JSON_TYPE, payload: '{"qty":6,"__proto__":{"qty":9}}' }, 6],
    ['a quantity only in a __proto__', { headers: JSON_TYPE, payload: '{"__proto__":{"qty":9}}' }, 1],
    ['fields it does not know', { headers: JSON_TYPE, payload: '{"qty":7,"type":"x","side":"sell"}' }, 7],
  ])('takes %s, and answers with the event exactly as it is sent', async (_, input, qty) => {
    const answer = await post('/trade/buy', input);
    expect(answer.status).toBe(202);
    expect(answer.headers).toMatchObject({ 'trading-link': 'connected' });
    const sent: unknown = JSON.parse(answer.body);
    expect(sent).toEqual({ type: 'trade', side: 'buy', qty, ts: expect.any(Number) });
    expect(await receive(pull, 1)).toEqual([sent]);
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON;charset="UTF-8"',
    'text/json',
    'application/vnd.desk.trade+json',
  ])('reads a body of type %s as JSON', async (type) => {
    const answer = await post('/trade/buy', { headers: { 'content-type': type }, payload: '{"qty":11}' });
    expect(answer.status).toBe(202);
    expect(await receive(pull, 1)).toMatchObject([{ qty: 11 }]);
  });

  it.each([
    ...LINE_TYPES,
    'application/msgpack',
    'application/x-msgpack',
    'application/vnd.msgpack',
    'application/json-seq',
  ])('answers 415 to %s, and names the field', async (type) => {
    const answer = await post('/trade/buy', { headers: { 'content-type': type }, payload: '{"qty":11}' });
    expect(answer.status).toBe(415);
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ field: 'content-type', rule: 'mediaType' }] });
  });

  it('stamps the time itself, in seconds with a fraction', async () => {
    const before = Date.now() / 1000;
    const answer = await post('/trade/sell', { headers: JSON_TYPE, payload: '{"ts":1}' });
    const { ts } = JSON.parse(answer.body) as { ts: number };
    expect(ts).toBeGreaterThan(before - 0.1);
    expect(ts).toBeLessThan(Date.now() / 1000 + 0.1);
    await receive(pull, 1);
  });

  it('sends a browser that submitted a form back to the page', async () => {
    const answer = await post('/trade/sell', { headers: { ...URLENCODED, ...BROWSER }, payload: 'qty=4' });
    expect(answer.status).toBe(303);
    expect(answer.headers).toMatchObject({ location: '/' });
    expect(await receive(pull, 1)).toMatchObject([{ side: 'sell', qty: 4 }]);
  });

  const tooLarge = JSON.stringify({ qty: 1, padding: 'x'.repeat(10 * 1024 * 1024) });
  it.each<[string, string, Input, number, string, string]>([
    ['an unknown side', '/trade/hold', {}, 400, 'side', 'enum'],
    ['a side in capitals', '/trade/BUY', {}, 400, 'side', 'enum'],
    ['a negative qty', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":-1}' }, 400, 'qty', 'minimum'],
    ['NaN as JSON', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":NaN}' }, 400, 'body', 'json'],
    ['1e309', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":1e309}' }, 400, 'qty', 'type'],
    ['text', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":"abc"}' }, 400, 'qty', 'type'],
    ['a number as text', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":"5"}' }, 400, 'qty', 'type'],
    ['null', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":null}' }, 400, 'qty', 'type'],
    ['true', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":true}' }, 400, 'qty', 'type'],
    ['a list', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":[1]}' }, 400, 'qty', 'type'],
    ['a body that is a list', '/trade/buy', { headers: JSON_TYPE, payload: '[1]' }, 400, 'body', 'type'],
    ['a body that is null', '/trade/buy', { headers: JSON_TYPE, payload: 'null' }, 400, 'body', 'type'],
    ['broken JSON', '/trade/buy', { headers: JSON_TYPE, payload: '{"qty":' }, 400, 'body', 'json'],
    ['a 10 MB body', '/trade/buy', { headers: JSON_TYPE, payload: tooLarge }, 413, 'body', 'maxBytes'],
    [
      'plain text',
      '/trade/buy',
      { headers: { 'content-type': 'text/plain' }, payload: '1' },
      415,
      'content-type',
      'mediaType',
    ],
    [
      'XML',
      '/trade/buy',
      { headers: { 'content-type': 'text/xml' }, payload: '<a/>' },
      415,
      'content-type',
      'mediaType',
    ],
    [
      'a list of lines',
      '/trade/buy',
      { headers: { 'content-type': 'application/x-ndjson' }, payload: '{"qty":5}' },
      415,
      'content-type',
      'mediaType',
    ],
    ['form text', '/trade/buy', { headers: URLENCODED, payload: 'qty=abc' }, 400, 'qty', 'type'],
    ['an empty form field', '/trade/buy', { headers: URLENCODED, payload: 'qty=' }, 400, 'qty', 'type'],
    ['form NaN', '/trade/buy', { headers: URLENCODED, payload: 'qty=NaN' }, 400, 'qty', 'type'],
    ['form hex', '/trade/buy', { headers: URLENCODED, payload: 'qty=0x10' }, 400, 'qty', 'type'],
    [
      'a form qty given twice',
      '/trade/buy',
      { headers: URLENCODED, payload: 'qty=1&qty=2' },
      400,
      'qty',
      'type',
    ],
    ['a negative form qty', '/trade/buy', { headers: URLENCODED, payload: 'qty=-2' }, 400, 'qty', 'minimum'],
    [
      'a multipart form that ends in the middle',
      '/trade/buy',
      brokenForm('--b\r\ncontent-dis'),
      400,
      'body',
      'wellFormed',
    ],
    [
      'a multipart form with a field that would change what an object is',
      '/trade/buy',
      multipart('__proto__', '1'),
      400,
      'body',
      'wellFormed',
    ],
    ['a multipart form without parts', '/trade/buy', brokenForm('qty=1'), 400, 'body', 'wellFormed'],
    ['an empty multipart body', '/trade/buy', brokenForm(''), 400, 'body', 'wellFormed'],
    [
      'a part without a header',
      '/trade/buy',
      brokenForm('--b\r\n\r\n5\r\n--b--\r\n'),
      400,
      'body',
      'wellFormed',
    ],
    [
      'a part without a name',
      '/trade/buy',
      brokenForm('--b\r\ncontent-disposition: form-data\r\n\r\n5\r\n--b--\r\n'),
      400,
      'body',
      'wellFormed',
    ],
    [
      'a part whose header is too long, beside a good one',
      '/trade/buy',
      brokenForm(`${OTHER}--b\r\nx: ${'a'.repeat(100_000)}\r\n${QTY.slice(5)}\r\n\r\n5\r\n--b--\r\n`),
      400,
      'body',
      'wellFormed',
    ],
    [
      'a header that is never complete, beside a good part',
      '/trade/buy',
      brokenForm(`${OTHER}${QTY}\r\n5\r\n--b--\r\n`),
      400,
      'body',
      'wellFormed',
    ],
    [
      'a multipart form with a file',
      '/trade/buy',
      multipart('qty"; filename="a', '1'),
      413,
      'body',
      'maxFiles',
    ],
    ['a multipart form of many fields', '/trade/buy', multipartOf(17), 413, 'body', 'maxParts'],
    ['multipart text', '/trade/buy', multipart('qty', 'abc'), 400, 'qty', 'type'],
  ])('refuses %s with a problem that names field and rule', async (_, url, input, status, field, rule) => {
    const answer = await post(url, input);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-type': expect.stringContaining('application/problem+json'),
      'trading-link': 'connected',
    });
    expect(JSON.parse(answer.body)).toMatchObject({ status, errors: [{ field, rule }] });
  });

  it('names every fault of one request', async () => {
    const answer = await post('/trade/hold', { headers: JSON_TYPE, payload: '{"qty":-1}' });
    expect(JSON.parse(answer.body)).toMatchObject({ errors: [{ field: 'side' }, { field: 'qty' }] });
  });

  it('has emitted nothing of what it refused', async () => {
    const answer = await post('/trade/buy', { headers: JSON_TYPE, payload: '{"qty":424242}' });
    // The next event on the wire is this one: nothing was sent in between.
    expect(await receive(pull, 1)).toEqual([JSON.parse(answer.body)]);
  });
});
