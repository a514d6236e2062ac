// A keyed post whose publisher was killed before it answered: nobody knows whether it was taken (field case 24).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ScratchFolder } from '../testing/folder.js';
import { ProgramScope } from '../testing/program.js';
import { appliedTrades, scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';

const POSTS = {
  one: { path: '/trade/buy', payload: '{"qty":3}' },
  many: { path: '/trades', payload: '[{"side":"buy","qty":1},{"side":"buy","qty":2}]' },
} as const;

describe('with DELIVERY=durable, after the publisher was killed in the middle of keyed posts', () => {
  const scope = new ProgramScope();
  const folder = new ScratchFolder('e2e-idempotency-');
  afterAll(async () => {
    await scope.dispose();
    folder.remove();
  });

  it('the same posts are answered 409 and are not taken again, and answers that were given are given again', async () => {
    const at = await chooseAddresses();
    const durable = { DELIVERY: 'durable' };
    const settings = { ...durable, SPOOL_DIR: join(folder.path, 'spool'), APPLIED_TIMEOUT_MS: '600000' };
    const publisher = await startPublisher(scope, at, settings);
    // A volume may be mounted there, and nothing around it be writable.
    expect(readdirSync(folder.path)).toEqual(['spool']);
    const post = (
      { path, payload }: (typeof POSTS)['one' | 'many'],
      key: string,
      query = '',
    ): Promise<Response> =>
      fetch(at.publisherUrl + path + query, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', 'idempotency-key': key },
        body: payload,
      });

    const answered = await post(POSTS.one, 'answered');
    const body = await answered.text();
    expect(answered.status).toBe(202);
    // Without a sidecar these wait, and are under way when the publisher dies.
    const unanswered = [post(POSTS.one, 'one', '?wait=applied'), post(POSTS.many, 'many', '?wait=applied')];
    const ends = Promise.allSettled(unanswered);
    await waitUntil(
      'all four events on the disk',
      async () => (await scrape(`${at.publisherUrl}/metrics`)).get('trading_spool_events') === 4,
    );
    await publisher.stop('SIGKILL');
    expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    await startPublisher(scope, at, settings);
    for (const kind of ['one', 'many'] as const) {
      const again = await post(POSTS[kind], kind, '?wait=applied');
      expect(again.status).toBe(409);
      expect(again.headers.get('content-type')).toContain('application/problem+json');
      expect(await again.json()).toMatchObject({
        errors: [{ field: 'Idempotency-Key', rule: 'unknown_outcome' }],
      });
    }
    const replayed = await post(POSTS.one, 'answered');
    expect(await replayed.text()).toBe(body);
    expect(replayed.headers.get('idempotency-replayed')).toBe('true');

    // They had been taken: the sidecar gets each of the four once.
    await startSidecar(scope, at, durable);
    await whenApplied(at.sidecarUrl, 4);
    await waitUntil(
      'an empty spool',
      async () => (await scrape(`${at.publisherUrl}/metrics`)).get('trading_spool_events') === 0,
    );
    expect(await appliedTrades(at.sidecarUrl)).toMatchObject({ buy: 4, buyVolume: 9, sell: 0 });
  });
});
