// Trades that are posted into each state of the link: none may vanish without a counter (field case 26).
import { ProgramScope } from '../testing/program.js';
import { appliedTrades, scrape } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { postAll, postTrade } from './harness/trade-poster.js';

const BUY = { side: 'buy', qty: 1 } as const;

describe.each([
  { pair: 'push-pull', waits: true },
  { pair: 'pub-sub', waits: false },
  { pair: 'dealer-router', waits: true },
])('with ZMQ_PAIR=$pair', ({ pair, waits }) => {
  const scope = new ProgramScope();
  const settings = { ZMQ_PAIR: pair };
  let at: StackAddresses;
  /** Trades that were answered with 202. */
  let posted = 0;
  /** What sidecars had applied that were killed since. */
  let appliedBefore = 0;

  beforeEach(async () => {
    at = await chooseAddresses();
    posted = 0;
    appliedBefore = 0;
  });
  afterEach(() => scope.dispose());

  async function post(count: number): Promise<void> {
    const statuses = await postAll(
      at.publisherUrl,
      Array.from({ length: count }, () => BUY),
    );
    expect(new Set(statuses)).toEqual(new Set([202]));
    posted += count;
  }

  /** Where the publisher says that trades are. */
  async function publisherCounts(): Promise<{ waiting: number; dropped: number; link: number }> {
    const samples = await scrape(`${at.publisherUrl}/metrics`);
    const drops = [...samples].filter(([name]) => name.startsWith('trading_transport_drops_total{'));
    return {
      waiting: samples.get('trading_transport_queue_depth') ?? Number.NaN,
      dropped: drops.reduce((sum, [, value]) => sum + value, 0),
      link: samples.get('trading_transport_link_up') ?? Number.NaN,
    };
  }

  const sent = async (): Promise<number> =>
    (await scrape(`${at.publisherUrl}/metrics`)).get('trading_transport_sent_total') ?? Number.NaN;
  const untilLink = (link: 0 | 1): Promise<unknown> =>
    waitUntil(`the link to be ${link}`, async () => (await publisherCounts()).link === link);
  const applied = async (): Promise<number> => appliedBefore + (await appliedTrades(at.sidecarUrl)).buy;

  /** Waits until every posted trade is applied, or counted as dropped. */
  async function untilAllAccountedFor(): Promise<void> {
    await waitUntil(`${posted} trades to be applied or counted as dropped`, async () => {
      const { dropped, waiting } = await publisherCounts();
      return waiting === 0 && (await applied()) + dropped === posted;
    });
  }

  it('every trade waits, is sent or is counted as dropped, whatever the state of the link; what is sent is applied, unless the sidecar dies', async () => {
    await startPublisher(scope, at, settings);

    // Never connected.
    await post(3);
    expect(await publisherCounts()).toMatchObject(
      waits ? { waiting: 3, dropped: 0 } : { waiting: 0, dropped: 3 },
    );

    // Connected.
    const first = await startSidecar(scope, at, settings);
    await untilLink(1);
    await post(200);
    await untilAllAccountedFor();
    appliedBefore = (await appliedTrades(at.sidecarUrl)).buy;
    expect(appliedBefore).toBe(waits ? 203 : 200);

    // Killed.
    await first.stop('SIGKILL');
    await untilLink(0);
    await post(500);
    expect(await publisherCounts()).toMatchObject(
      waits ? { waiting: 500, dropped: 0 } : { waiting: 0, dropped: 503 },
    );
    const answer = (await (await postTrade(at.publisherUrl, BUY)).json()) as { notice: string };
    posted += 1;
    expect(answer).toMatchObject({
      queued: waits ? 501 : 0,
      notice: expect.stringContaining(waits ? 'wait in the outbox' : 'dropped and counted'),
    });

    expect(await (await fetch(`${at.publisherUrl}/health`)).json()).toMatchObject({
      status: 'degraded',
      details: { link: { state: 'disconnected', notice: answer.notice } },
    });

    // Coming back.
    const starting = startSidecar(scope, at, settings);
    while ((await publisherCounts()).link === 0) await post(20);
    await starting;
    await untilAllAccountedFor();

    // Restarted.
    const before = await applied();
    await post(100);
    await untilAllAccountedFor();
    expect(await applied()).toBe(before + 100);

    // Killed under load: what was on its way is lost, and no counter can know it. It is no more than was sent.
    const sentBefore = await sent();
    const load = post(1000);
    await waitUntil('some of the load to be sent', async () => (await sent()) > sentBefore + 100);
    await (await starting).stop('SIGKILL');
    await load;
    await untilLink(0);
    const { waiting, dropped } = await publisherCounts();
    expect((await sent()) + waiting + dropped).toBe(posted);
  });
});
