import { type Program, ProgramScope } from '../testing/program.js';
import { scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { postTrade } from './harness/trade-poster.js';

interface Problem {
  readonly status: number;
  readonly errors?: readonly { field: string; rule: string; message: string }[];
}

const JSON_TYPE = 'application/json';
const MEGABYTE = 1024 * 1024;

describe('bad input over HTTP, on the real apps', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;
  let publisher: Program;

  beforeAll(async () => {
    at = await chooseAddresses();
    await startSidecar(scope, at);
    publisher = await startPublisher(scope, at);
  });
  afterAll(() => scope.dispose());

  const post = (path: string, body: string, type = JSON_TYPE): Promise<Response> =>
    fetch(`${at.publisherUrl}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, accept: JSON_TYPE },
      body,
    });

  it.each([
    ['an unknown side', '/trade/hold', '{"qty":1}', 'side'],
    ['a negative quantity', '/trade/buy', '{"qty":-1}', 'qty'],
    ['NaN as text', '/trade/buy', '{"qty":"NaN"}', 'qty'],
    ['a quantity over what a float holds', '/trade/buy', '{"qty":1e309}', 'qty'],
    ['a word', '/trade/buy', '{"qty":"abc"}', 'qty'],
    ['null', '/trade/buy', '{"qty":null}', 'qty'],
    ['true', '/trade/buy', '{"qty":true}', 'qty'],
    ['an array as quantity', '/trade/buy', '{"qty":[1]}', 'qty'],
    ['an array as body', '/trade/buy', '[1]', 'body'],
  ])('refuses %s with a 4xx problem that names the field and the rule', async (_what, path, body, field) => {
    const answer = await post(path, body);
    const problem = (await answer.json()) as Problem;

    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(problem.status).toBe(answer.status);
    expect(problem.errors).toContainEqual(
      expect.objectContaining({
        field,
        rule: expect.stringMatching(/\w/),
        message: expect.stringMatching(/\w/),
      }),
    );
  });

  it.each([
    ['an unknown content type', 415, '<qty>1</qty>', 'application/xml'],
    ['a body of 10 MB', 413, `{"qty":1,"pad":"${'x'.repeat(10 * MEGABYTE)}"}`, JSON_TYPE],
    ['broken JSON', 400, '{"qty":', JSON_TYPE],
    ['NaN in JSON', 400, '{"qty":NaN}', JSON_TYPE],
  ])('refuses %s with %d', async (_what, status, body, type) => {
    const answer = await post('/trade/buy', body, type);

    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(await answer.json()).toMatchObject({ status });
  });

  it.each([
    ['100 kB', 100_000],
    ['the body limit', MEGABYTE - 'qty='.length],
  ])('refuses a number of %s that is none, without trying its digits in all ways', async (_what, length) => {
    const form = `qty=${'1'.repeat(length - 1)}x`;
    const answer = await post('/trade/buy', form, 'application/x-www-form-urlencoded');

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ field: 'qty', rule: 'type' }] });
  });

  it.each([
    ['ends in the middle', '--b\r\ncontent-disposition: form-data; name="qty"\r\n\r\n1', 'b'],
    ['has no part', 'qty=1', 'b'],
    ['has parts between other marks', '--c\r\n\r\n1\r\n--c--\r\n', 'b'],
    ['names no mark', '--b--\r\n', undefined],
  ])('refuses a multipart form that %s with 400, and writes nothing of it', async (_what, form, boundary) => {
    const before = publisher.stdout.length + publisher.stderr.length;
    const type = `multipart/form-data${boundary === undefined ? '' : `; boundary=${boundary}`}`;
    const answer = await post('/trade/buy', form, type);

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ status: 400, errors: [{ field: 'body' }] });
    expect(publisher.stdout.length + publisher.stderr.length).toBe(before);
  });

  it('emits nothing of all that: the next good trade is the first', async () => {
    expect((await postTrade(at.publisherUrl, { side: 'sell', qty: 2 })).status).toBe(202);

    expect(await whenApplied(at.sidecarUrl, 1)).toEqual({ buy: 0, sell: 1, buyVolume: 0, sellVolume: 2 });
    const samples = await scrape(`${at.sidecarUrl}/metrics`);
    expect(samples.get('trading_transport_received_total')).toBe(1);
  });
});
