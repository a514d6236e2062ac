import type { Browser } from 'playwright-core';
import { ProgramScope } from '../testing/program.js';
import { appliedTrades } from '../testing/samples.js';
import { type StackAddresses } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { describeInBrowser, openPage, rowWith, startDesk, untilConnected } from './harness/browser-desk.js';
import { postFromForeignSite } from './harness/foreign-site.js';
import { pushOnce } from './harness/trade-poster.js';

describeInBrowser('the trade desk', () => {
  const scope = new ProgramScope();
  let browser: Browser;
  let at: StackAddresses;

  // One pair of apps for all, as nothing here harms it; the counts go on from test to test.
  beforeAll(async () => {
    ({ browser, at } = await startDesk(scope));
  });
  afterAll(async () => {
    await browser.close();
    await scope.dispose();
  });

  it('acknowledges a click: toast, row emitted and received, tiles, and the metrics agree', async () => {
    const { page, complaints } = await openPage(browser, at.publisherUrl);
    await untilConnected(page);

    await page.getByLabel('Quantity', { exact: true }).fill('3');
    await page.getByRole('button', { name: 'Buy', exact: true }).click();

    await page.locator('[data-sonner-toast]', { hasText: /Buy 3 sent at/ }).waitFor();
    await rowWith(page, 'Buy', '3', 'received', 's');
    await waitUntil('the tiles', async () => (await page.getByTestId('volume-buy').innerText()) === '3');
    expect(await page.getByTestId('trades-buy').innerText()).toBe('1');
    expect(await appliedTrades(at.sidecarUrl)).toEqual({ buy: 1, sell: 0, buyVolume: 3, sellVolume: 0 });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('can be used by keyboard alone, and remembers the quantity', async () => {
    const { page } = await openPage(browser, at.publisherUrl);
    await untilConnected(page);

    const isQuantity = (): Promise<boolean> =>
      page.evaluate<boolean>(`document.activeElement?.hasAttribute('data-trade-keys') ?? false`);
    for (let presses = 0; presses < 20 && !(await isQuantity()); presses += 1)
      await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('2.5');
    await page.keyboard.press('s');
    await page.keyboard.press('Enter');
    await page.keyboard.press('b');

    await waitUntil('three trades', async () => {
      const { buy, sell } = await appliedTrades(at.sidecarUrl);
      return buy === 2 && sell === 2;
    });
    expect(await appliedTrades(at.sidecarUrl)).toMatchObject({ buyVolume: 5.5, sellVolume: 5 });
    await page.reload();
    expect(await page.getByLabel('Quantity', { exact: true }).inputValue()).toBe('2.5');
    await page.context().close();
  });

  it('refuses a trade that a page of another site submits', async () => {
    const before = await appliedTrades(at.sidecarUrl);
    expect(await postFromForeignSite(browser, `${at.publisherUrl}/trade/buy`)).toBe(403);
    expect(await appliedTrades(at.sidecarUrl)).toEqual(before);
  });

  it('works without JavaScript: the plain page, and a form that comes back', async () => {
    const { page } = await openPage(browser, at.publisherUrl, { javaScriptEnabled: false });
    await page.waitForURL('**/plain');
    await page.getByLabel('Quantity').fill('6');
    await page.getByRole('button', { name: 'Sell' }).click();
    await page.waitForURL('**/plain');
    await page.getByRole('cell', { name: '6', exact: true }).waitFor();
    expect(await appliedTrades(at.sidecarUrl)).toMatchObject({ sell: 3, sellVolume: 11 });
    await page.context().close();
  });

  it('shows dead letters with reason and content, and sends a corrected one', async () => {
    await pushOnce(at.zmqAddress, { type: 'trade', side: 'buy', qty: -1, ts: 1_700_000_000.5 });
    const { page, complaints } = await openPage(browser, `${at.publisherUrl}/pipeline`);

    await page.getByTestId('letters').getByText('invalid_qty').waitFor();
    await page.getByRole('button', { name: /Inspect/ }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Content').innerText()).toContain('"side":"buy"');
    await dialog.getByRole('radio', { name: 'Sell' }).click();
    await dialog.getByLabel('Quantity').fill('4');
    await dialog.getByRole('button', { name: 'Send corrected', exact: true }).click();

    await waitUntil(
      'the corrected trade',
      async () => (await appliedTrades(at.sidecarUrl)).sellVolume === 15,
    );
    await page.locator('[data-hop=Sidecar]', { hasText: 'receiving' }).waitFor();
    await dialog.waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
