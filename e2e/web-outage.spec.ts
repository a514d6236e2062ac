import type { Browser } from 'playwright-core';
import { startBrowser } from '../testing/browser.js';
import { ProgramScope } from '../testing/program.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { describeInBrowser, openPage, rowWith, untilConnected } from './harness/browser-desk.js';

const BANNER_MS = 2000;
const SILENCE_MS = 8000;

describeInBrowser('the trade desk, when a part is away,', () => {
  const scope = new ProgramScope();
  let browser: Browser;
  let at: StackAddresses;

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    at = await chooseAddresses();
  });
  afterEach(() => scope.dispose());

  it('says within 2 s that the sidecar is away and how many events wait, and completes their rows when it is back', async () => {
    const sidecar = await startSidecar(scope, at);
    await startPublisher(scope, at);
    const { page, complaints } = await openPage(browser, at.publisherUrl);
    await untilConnected(page);

    await sidecar.stop('SIGKILL');
    await page.getByTestId('banner').filter({ hasText: 'may be dropped' }).waitFor({ timeout: BANNER_MS });
    await page.keyboard.press('b');
    await page.keyboard.press('s');
    await rowWith(page, 'Buy', 'waiting');
    await rowWith(page, 'Sell', 'waiting');
    await page.getByTestId('waiting').filter({ hasText: '2 waiting' }).waitFor({ timeout: BANNER_MS });

    await startSidecar(scope, at);
    await rowWith(page, 'Buy', 'received');
    await rowWith(page, 'Sell', 'received');
    await waitUntil('the banner to go', async () => (await page.getByTestId('banner').innerText()) === '');
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('says within some seconds that a sidecar which stands still does not answer, and goes on when it does', async () => {
    const sidecar = await startSidecar(scope, at);
    await startPublisher(scope, at);
    const { page, complaints } = await openPage(browser, at.publisherUrl);
    await untilConnected(page);

    sidecar.signal('SIGSTOP');
    await page.keyboard.press('b');
    await page.getByTestId('banner').filter({ hasText: 'does not answer' }).waitFor({ timeout: SILENCE_MS });
    await rowWith(page, 'Buy', 'waiting');

    sidecar.signal('SIGCONT');
    await rowWith(page, 'Buy', 'received');
    await untilConnected(page);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('says that the publisher is away, keeps what is on the screen, and goes on when it is back', async () => {
    await startSidecar(scope, at);
    const publisher = await startPublisher(scope, at);
    const { page } = await openPage(browser, at.publisherUrl);
    await untilConnected(page);
    await page.keyboard.press('b');
    await rowWith(page, 'Buy', 'received');

    await publisher.stop('SIGKILL');
    await page.getByTestId('banner').filter({ hasText: 'publisher does not answer' }).waitFor();
    await page.keyboard.press('s');
    await rowWith(page, 'Sell', 'refused', 'does not answer');
    await rowWith(page, 'Buy', 'received');

    await startPublisher(scope, at);
    await untilConnected(page);
    await page.keyboard.press('s');
    await rowWith(page, 'Sell', 'received');
    await rowWith(page, 'Buy', 'received');
    expect(await page.getByTestId('banner').innerText()).toBe('');
    await page.context().close();
  });
});
