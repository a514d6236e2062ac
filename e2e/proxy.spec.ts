import type { Browser, BrowserContext } from 'playwright-core';
import { startBrowser } from '../testing/browser.js';
import { ProgramScope } from '../testing/program.js';
import { appliedTrades } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { describeInBrowser, openPage, rowWith, untilConnected } from './harness/browser-desk.js';
import { postFromForeignSite } from './harness/foreign-site.js';
import { describeWith } from '../testing/installed.js';
import { type ReverseProxy, startNginx } from './harness/nginx.js';
import { postTrade } from './harness/trade-poster.js';

const SELF_SIGNED = { ignoreHTTPSErrors: true };

describeWith('nginx', 'behind nginx, under /desk/', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;
  let telling: ReverseProxy;
  let silent: ReverseProxy;

  beforeAll(async () => {
    at = await chooseAddresses();
    await startSidecar(scope, at);
    await startPublisher(scope, at, { TRUSTED_PROXIES: '127.0.0.1' });
    telling = await startNginx(scope, at.publisherUrl);
    silent = await startNginx(scope, at.publisherUrl, false);
  });
  afterAll(async () => {
    await scope.dispose();
    telling.remove();
    silent.remove();
  });

  it('a form’s answer leads back to the page, and documents lead to each other', async () => {
    const form = { accept: 'text/html', 'content-type': 'application/x-www-form-urlencoded' };
    const origin = new URL(telling.plainUrl).origin;
    const answer = await fetch(`${telling.plainUrl}trade/buy`, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...form, origin },
      body: 'qty=2',
    });
    expect(answer.status).toBe(303);
    expect(new URL(answer.headers.get('location') ?? '', answer.url).href).toBe(telling.plainUrl);
    const page = await fetch(`${telling.plainUrl}latency/`);
    expect(page.url).toBe(`${telling.plainUrl}latency`);
    const foreign = await fetch(`${telling.plainUrl}trade/buy`, {
      method: 'POST',
      headers: { ...form, origin: 'http://evil.example' },
      body: 'qty=2',
    });
    expect(foreign.status).toBe(403);
  });

  describeInBrowser('in a browser', () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await startBrowser();
    });
    afterAll(() => browser.close());

    it.each<[string, () => string]>([
      ['with TLS', () => telling.secureUrl],
      ['without TLS', () => telling.plainUrl],
      ['with TLS, and nginx as it comes', () => silent.secureUrl],
    ])('the desk works %s: pages, streams, posts', async (_, address) => {
      const url = address();
      const { page, complaints } = await openPage(browser, url, SELF_SIGNED);
      await untilConnected(page);
      const before = await appliedTrades(at.sidecarUrl);
      await page.getByLabel('Quantity', { exact: true }).fill('3');
      await page.getByRole('button', { name: 'Buy', exact: true }).click();
      await rowWith(page, 'Buy', '3', 'received');
      expect((await appliedTrades(at.sidecarUrl)).buyVolume).toBe(before.buyVolume + 3);

      await page.getByRole('link', { name: 'Latency' }).click();
      expect(page.url()).toBe(`${url}latency`);
      await page.reload();
      await untilConnected(page);
      await page.getByRole('link', { name: 'Pipeline' }).click();
      await page.locator('[data-hop=Sidecar]', { hasText: 'receiving' }).waitFor();
      expect(complaints).toEqual([]);
      await page.context().close();
    });

    it('the plain form posts, and comes back', async () => {
      const { page } = await openPage(browser, `${telling.secureUrl}plain`, {
        ...SELF_SIGNED,
        javaScriptEnabled: false,
      });
      const before = await appliedTrades(at.sidecarUrl);
      await page.getByLabel('Quantity').fill('7');
      await page.getByRole('button', { name: 'Sell' }).click();
      await page.waitForURL(`${telling.secureUrl}plain`);
      await page.getByRole('cell', { name: '7', exact: true }).waitFor();
      expect((await appliedTrades(at.sidecarUrl)).sellVolume).toBe(before.sellVolume + 7);
      await page.context().close();
    });

    it.each(['docs', 'docs/'])('Swagger’s "Try it out" at %s asks the publisher', async (path) => {
      const { page } = await openPage(browser, telling.secureUrl + path, SELF_SIGNED);
      const operation = page.locator('.opblock', { has: page.locator('[data-path="/health"]') });
      await operation.locator('.opblock-summary').click();
      await operation.getByRole('button', { name: 'Try it out' }).click();
      const [answer] = await Promise.all([
        page.waitForResponse((response) => response.url().endsWith('/health')),
        operation.getByRole('button', { name: 'Execute' }).click(),
      ]);
      expect([answer.url(), answer.status()]).toEqual([`${telling.secureUrl}health`, 200]);
      await page.context().close();
    });

    it('a page of another site posts nothing', async () => {
      const before = await appliedTrades(at.sidecarUrl);
      expect(await postFromForeignSite(browser, `${telling.plainUrl}trade/buy`, SELF_SIGNED)).toBe(403);
      expect(await appliedTrades(at.sidecarUrl)).toEqual(before);
    });
  });
});

describeInBrowser('many windows of one browser', () => {
  const scope = new ProgramScope();
  let browser: Browser;
  let context: BrowserContext;
  let at: StackAddresses;

  beforeAll(async () => {
    browser = await startBrowser();
    context = await browser.newContext();
    at = await chooseAddresses();
    await startSidecar(scope, at);
    await startPublisher(scope, at);
  });
  afterAll(async () => {
    await browser.close();
    await scope.dispose();
  });

  const streams = async (): Promise<number> => {
    const text = await (await fetch(`${at.sidecarUrl}/metrics`)).text();
    return Number(/^trading_feed_clients (\d+)$/m.exec(text)?.[1]);
  };

  it('share one connection a stream: all are live, and get answers', async () => {
    const pages = await Promise.all(Array.from({ length: 7 }, () => context.newPage()));
    // One after the other: a later window has to learn how things stand from what the others know.
    for (const page of pages) {
      await page.goto(at.publisherUrl);
      await untilConnected(page);
    }
    expect(await streams()).toBe(1);
    await postTrade(at.publisherUrl, { side: 'sell', qty: 41 });
    for (const page of pages) {
      await rowWith(page, 'Sell', '41', 'received');
      expect(await page.evaluate(`fetch('/health').then((answer) => answer.status)`)).toBe(200);
      await page.getByTestId('volume-sell').filter({ hasText: '41' }).waitFor();
    }
    const late = await context.newPage();
    await late.goto(at.publisherUrl);
    await late.getByTestId('volume-sell').filter({ hasText: '41' }).waitFor();

    for (const page of pages) await page.close();
    await postTrade(at.publisherUrl, { side: 'buy', qty: 42 });
    await rowWith(late, 'Buy', '42', 'received');
    await late.close();
    await waitUntil('the stream to be let go', async () => (await streams()) === 0);
  });
});
