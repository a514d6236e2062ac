import type { Browser } from 'playwright-core';
import { hasChromium, startBrowser } from '../testing/browser.js';
import { ScratchFolder } from '../testing/folder.js';
import { describeWith } from '../testing/installed.js';
import { NatsServer } from '../testing/nats.js';
import { ProgramScope } from '../testing/program.js';
import { type Samples, scrape } from '../testing/samples.js';
import {
  type AppSettings,
  chooseAddresses,
  type StackAddresses,
  startApp,
  startPublisher,
  startSidecar,
  answersOk,
} from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { openPage, rowWith, untilConnected } from './harness/browser-desk.js';
import { eventsOf } from './harness/broker-stream.js';
import { expectedTotals, tradeMix } from './harness/trade-mix.js';
import { postAll } from './harness/trade-poster.js';

const POSTERS = 8;

/** Posts trades whose quantities count up, whoever of the others dies meanwhile. */
class NumberedPosts {
  /** The quantities that were answered by 202: the stream must have each once. */
  readonly taken = new Set<number>();
  private next = 1;
  private readonly ending = new AbortController();
  private readonly posters = Array.from({ length: POSTERS }, () => this.postOn());

  constructor(private readonly publisherUrl: string) {}

  async grow(count: number): Promise<void> {
    const from = this.taken.size;
    await waitUntil(`${count} more posts`, () => this.taken.size >= from + count);
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.posters);
  }

  private async postOn(): Promise<void> {
    while (!this.ending.signal.aborted) {
      const qty = this.next;
      this.next += 1;
      const status = await this.post(qty);
      if (status === 202) this.taken.add(qty);
      else if (status !== undefined) throw new Error(`a post was answered with ${status}`);
      // The publisher was killed, and comes back.
      else await waitUntil('the publisher', () => answersOk(`${this.publisherUrl}/health/live`));
    }
  }

  /** The answer's status; undefined without an answer, when nobody knows whether the trade was taken. */
  private async post(qty: number): Promise<number | undefined> {
    const headers = { 'content-type': 'application/json' };
    const url = `${this.publisherUrl}/trade/buy`;
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ qty }) }).catch(
      () => undefined,
    );
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.status;
  }
}

/** The sum of a counter over the partitions. */
function total(samples: Samples, name: string, side: string): number {
  return [...samples]
    .filter(([key]) => key.startsWith(`${name}{`) && key.includes(`side="${side}"`))
    .reduce((sum, [, value]) => sum + value, 0);
}

describeWith('nats-server', 'the publisher over NATS', () => {
  const scope = new ProgramScope();
  const folder = new ScratchFolder('nats-publisher-');
  let broker: NatsServer;
  let at: StackAddresses;

  beforeEach(async () => {
    broker = await NatsServer.start();
    at = await chooseAddresses();
  });
  afterEach(async () => {
    await scope.dispose();
    await broker.dispose();
  });
  afterAll(() => folder.remove());

  /** The link of both apps; an empty setting is none. */
  const overNats = (): AppSettings => ({
    NATS_URL: broker.url,
    NATS_PARTITIONS: '3',
    WEBAPP_ZMQ_ADDR: '',
    SIDECAR_ZMQ_BIND: '',
  });
  const post = (wait: string): Promise<Response> =>
    fetch(`${at.publisherUrl}/trade/sell?wait=${wait}`, { method: 'POST' });

  it('stores each trade that was answered with 202 once, whoever of both is killed', async () => {
    const settings = {
      ...overNats(),
      DELIVERY: 'durable',
      SPOOL_DIR: `${folder.path}/spool`,
      APPLIED_TIMEOUT_MS: '500',
    };
    let publisher = await startPublisher(scope, at, settings);
    const posts = new NumberedPosts(at.publisherUrl);
    await posts.grow(100);

    await broker.stop('SIGKILL');
    await posts.grow(100);
    const late = await post('stored');
    expect(late.status).toBe(504);
    expect(await late.json()).toMatchObject({ eventId: late.headers.get('trading-event-id') });
    await publisher.stop('SIGKILL');
    publisher = await startPublisher(scope, at, settings);
    await posts.grow(100);
    await broker.start();
    await posts.grow(100);
    await publisher.stop('SIGKILL');
    publisher = await startPublisher(scope, at, settings);
    await posts.grow(100);
    await posts.stop();

    await waitUntil('an empty spool', async () => {
      const samples = await scrape(`${at.publisherUrl}/metrics`);
      return samples.get('trading_spool_events') === 0 && samples.get('trading_transport_link_up') === 1;
    });
    const stored = (await eventsOf(broker.url, 'TRADES')) as { side: string; qty: number }[];
    const bought = stored.flatMap(({ side, qty }) => (side === 'buy' ? [qty] : []));
    expect(new Set(bought).size).toBe(bought.length);
    expect([...posts.taken].filter((qty) => !bought.includes(qty))).toEqual([]);
    // The late one was taken, and arrived.
    expect(stored.filter(({ side }) => side === 'sell')).toHaveLength(1);
    await publisher.stop();
  });

  it('does not start where its settings contradict each other or the broker, and says which', async () => {
    const bare = await NatsServer.start({ jetstream: false });
    const closed = await NatsServer.start({ user: { name: 'desk', password: 'right' } });
    try {
      const faulty: readonly (readonly [AppSettings, RegExp])[] = [
        [{ NATS_URL: broker.url, WEBAPP_ZMQ_ADDR: at.zmqAddress }, /NATS_URL: .*remove WEBAPP_ZMQ_ADDR/],
        [{ NATS_URL: bare.url }, /NATS_URL: the NATS server has no JetStream: start it with -js/],
        [{ NATS_URL: closed.url }, /NATS_URL: the broker denies the credentials/],
        [{ NATS_URL: broker.url, NATS_REPLICAS: '3' }, /NATS_REPLICAS: JetStream refuses the stream/],
      ];
      for (const [settings, line] of faulty) {
        const publisher = startApp(scope, 'publisher', { PORT: '0', ...settings });
        expect(await publisher.exited).toEqual({ code: 78, signal: null });
        expect(publisher.stderr).toMatch(line);
      }
    } finally {
      await bare.dispose();
      await closed.dispose();
    }
  });

  it('and a sidecar count what was posted; the page shows the way', async () => {
    await startSidecar(scope, at, overNats());
    await startPublisher(scope, at, overNats());
    const trades = tradeMix(300);
    expect(new Set(await postAll(at.publisherUrl, trades))).toEqual(new Set([202]));
    const expected = expectedTotals(trades);
    expect((await post('stored')).status).toBe(202);
    expect((await post('applied')).status).toBe(400);
    const counted = async () => {
      const samples = await scrape(`${at.sidecarUrl}/metrics`);
      const [buy, sell] = ['buy', 'sell'].map((side) => total(samples, 'trades_total', side));
      return { buy, sell, buyVolume: total(samples, 'volume_total', 'buy') };
    };
    const wanted = { buy: expected.buy, sell: expected.sell + 1, buyVolume: expected.buyVolume };
    await waitUntil('all counts', async () => (await counted()).sell === wanted.sell);
    await waitUntil('all counts', async () => (await counted()).buy === wanted.buy);
    expect(await counted()).toEqual(wanted);

    if (!hasChromium) return;
    const browser: Browser = await startBrowser();
    try {
      const { page, complaints } = await openPage(browser, at.publisherUrl);
      await untilConnected(page);
      await page.keyboard.press('b');
      await rowWith(page, 'Buy', 'received');
      await page.getByRole('link', { name: 'Pipeline' }).click();
      const link = page.locator('[data-hop=NATS]', { hasText: 'stream TRADES, acknowledged' });
      await link.filter({ hasText: 'link up' }).waitFor();
      await broker.stop();
      await link.filter({ hasText: 'link down' }).waitFor();
      await page.getByTestId('banner').filter({ hasText: 'until it has stored them' }).waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
