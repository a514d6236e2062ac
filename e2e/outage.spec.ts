import { ProgramScope } from '../testing/program.js';
import { appliedTrades, scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { expectedTotals, tradeMix } from './harness/trade-mix.js';
import { postAll, postTrade } from './harness/trade-poster.js';

const OUTBOX_MAX_EVENTS = 400;
/** Beside the queue waits at most the one message that ZeroMQ was given and has not taken. */
const MESSAGE_MAX_EVENTS = 256;
const MEMORY_BOUND_BYTES = 100 * 1024 * 1024;

describe('a publisher without its sidecar', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;

  beforeEach(async () => {
    at = await chooseAddresses();
  });
  afterEach(() => scope.dispose());

  const publisherSample = async (name: string): Promise<number> =>
    (await scrape(`${at.publisherUrl}/metrics`)).get(name) ?? Number.NaN;
  const waitForLink = (isUp: 0 | 1): Promise<unknown> =>
    waitUntil(
      `the link to be ${isUp}`,
      async () => (await publisherSample('trading_transport_link_up')) === isUp,
    );

  it('says that events wait and may be dropped, and delivers them once a sidecar starts', async () => {
    await startPublisher(scope, at);
    const trades = tradeMix(150);

    const answer = await postTrade(at.publisherUrl, { side: 'buy', qty: 1 });
    const body = (await answer.json()) as { notice: string; queued: number };
    const statuses = await postAll(at.publisherUrl, trades, 1);
    const page = await (await fetch(`${at.publisherUrl}/plain`)).text();

    expect(answer.status).toBe(202);
    expect(body.notice).toMatch(/wait.*may be dropped/s);
    expect(body.queued).toBe(1);
    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(page).toMatch(/may be dropped/);

    await startSidecar(scope, at);
    const expected = expectedTotals([{ side: 'buy', qty: 1 }, ...trades]);
    expect(await whenApplied(at.sidecarUrl, trades.length + 1)).toEqual(expected);
    const later = await postTrade(at.publisherUrl, { side: 'buy', qty: 1 });
    expect(await later.json()).not.toHaveProperty('notice');
  });

  it('keeps answering when the sidecar is killed under load: its queue fills to its bound, and then it says so', async () => {
    const sidecar = await startSidecar(scope, at);
    await startPublisher(scope, at, { OUTBOX_MAX_EVENTS: String(OUTBOX_MAX_EVENTS) });
    const memoryBefore = await publisherSample('process_resident_memory_bytes');

    const load = postAll(
      at.publisherUrl,
      Array.from({ length: 4000 }, () => ({ side: 'buy', qty: 1 })),
    );
    await whenApplied(at.sidecarUrl, 500);
    await sidecar.stop('SIGKILL');
    const statuses = await load;

    expect(new Set(statuses)).toEqual(new Set([202, 503]));
    const depth = await publisherSample('trading_transport_queue_depth');
    expect(depth).toBeGreaterThanOrEqual(OUTBOX_MAX_EVENTS);
    expect(depth).toBeLessThanOrEqual(OUTBOX_MAX_EVENTS + MESSAGE_MAX_EVENTS);
    expect((await publisherSample('process_resident_memory_bytes')) - memoryBefore).toBeLessThan(
      MEMORY_BOUND_BYTES,
    );
    const refused = await postTrade(at.publisherUrl, { side: 'buy', qty: 1 });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
  });

  it('reflects new events after the sidecar was killed and restarted under load', async () => {
    const sidecar = await startSidecar(scope, at);
    await startPublisher(scope, at);
    const load = postAll(
      at.publisherUrl,
      Array.from({ length: 2000 }, () => ({ side: 'buy', qty: 1 })),
    );
    await whenApplied(at.sidecarUrl, 300);
    await sidecar.stop('SIGKILL');
    await waitForLink(0);
    await startSidecar(scope, at);
    expect(new Set(await load)).toEqual(new Set([202]));
    await waitForLink(1);

    // Only now are there sells: they can be nothing but new.
    await postAll(
      at.publisherUrl,
      Array.from({ length: 50 }, () => ({ side: 'sell', qty: 2 })),
    );

    const applied = await waitUntil('the new events', async () => {
      const now = await appliedTrades(at.sidecarUrl);
      return now.sell >= 50 && now;
    });
    expect(applied).toMatchObject({ sell: 50, sellVolume: 100 });
    expect(await publisherSample('trading_transport_queue_depth')).toBe(0);
  });
});
