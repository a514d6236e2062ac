import type { Browser } from 'playwright-core';
import { startBrowser } from '../testing/browser.js';
import { ProgramScope } from '../testing/program.js';
import { chooseAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { describeInBrowser, openPage, rowWith, untilConnected } from './harness/browser-desk.js';

const WAITS = { banner: 'may be dropped', status: 'waiting', toast: 'it waits for a sidecar' };
/** What the page says of a pair of apps whose sidecar is away. */
interface PairCase {
  readonly settings: Readonly<Record<string, string>>;
  readonly link: string;
  readonly outbox: string;
  readonly banner: string;
  readonly status: string;
  readonly toast: string;
}

const CASES: readonly PairCase[] = [
  { settings: { ZMQ_PAIR: 'push-pull' }, link: 'PUSH to PULL, at-most-once', outbox: 'waiting', ...WAITS },
  {
    settings: { ZMQ_PAIR: 'pub-sub' },
    link: 'PUB to SUB, at-most-once',
    outbox: 'dropping',
    banner: 'are dropped',
    status: 'dropped',
    toast: 'no sidecar is subscribed',
  },
  {
    settings: { ZMQ_PAIR: 'dealer-router' },
    link: 'DEALER to ROUTER, at-most-once',
    outbox: 'waiting',
    ...WAITS,
  },
  {
    settings: { DELIVERY: 'acknowledged' },
    link: 'DEALER to ROUTER, acknowledged',
    outbox: 'unacknowledged',
    ...WAITS,
    banner: 'in memory until',
  },
];

describeInBrowser('the words of the page', () => {
  const scope = new ProgramScope();
  let browser: Browser;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  afterEach(() => scope.dispose());

  it.each(CASES)('follow the sockets and the delivery: $link', async (expected) => {
    const at = await chooseAddresses();
    await startPublisher(scope, at, expected.settings);
    const { page, complaints } = await openPage(browser, at.publisherUrl);

    await page.getByTestId('banner').filter({ hasText: expected.banner }).waitFor();
    await page.getByTestId('link-status').filter({ hasText: 'link down' }).waitFor();
    await page.keyboard.press('b');
    await page.locator('[data-sonner-toast]', { hasText: expected.toast }).waitFor();
    await rowWith(page, 'Buy', expected.status);
    await page.getByRole('link', { name: 'Pipeline' }).click();
    const link = page.locator('[data-hop=ZeroMQ]', { hasText: expected.link });
    await link.filter({ hasText: 'link down' }).waitFor();
    await page.locator('[data-hop=Outbox]', { hasText: expected.outbox }).waitFor();

    await startSidecar(scope, at, expected.settings);
    await untilConnected(page);
    await link.filter({ hasText: 'link up' }).waitFor();
    await page.getByRole('link', { name: 'Trade', exact: true }).click();
    await rowWith(page, 'Buy', expected.status === 'dropped' ? 'dropped' : 'received');
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
