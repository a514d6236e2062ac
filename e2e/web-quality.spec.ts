import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import axe from 'axe-core';
import type { Browser } from 'playwright-core';
import { ProgramScope } from '../testing/program.js';
import { ROOT } from '../testing/root.js';
import { scrape, whenApplied } from '../testing/samples.js';
import { type StackAddresses } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { describeInBrowser, openPage, startDesk, untilConnected } from './harness/browser-desk.js';
import { tradeMix } from './harness/trade-mix.js';
import { postAll, postTrade, pushOnce } from './harness/trade-poster.js';

const WEB = join(ROOT, 'dist', 'apps', 'web');
const SCRIPT_BUDGET_BYTES = 200 * 1024;
const BULK = JSON.stringify(Array.from({ length: 2000 }, (_, qty) => ({ side: 'buy', qty })));
const BULK_EVERY_MS = 100;
const PRICED = tradeMix(20).map((trade) => ({ ...trade, symbol: 'ETHUSDT', price: 432.1 }));
const PAGES = ['/', '/latency', '/pipeline'] as const;
/** From the widest to the narrowest: a chart that does not shrink shows. */
const WIDTHS = [2560, 1440, 1024, 390, 360];
/** Where axe looks: what has no room on a phone is there on a wall. */
const ENDS = [2560, 360];
const WIDEST =
  "Math.max(...[document.documentElement, ...document.querySelectorAll('canvas')].map((element) => element.scrollWidth))";
/** Buttons, figures and headings whose own text has no room; tables in their own scroller are not among them. */
const CUT = `[...document.querySelectorAll('main button, main h2, main h3, main dd, main dt, header a, header button')]
  .filter((element) => element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).overflow !== 'visible')
  .filter((element) => !element.closest('.sr-only') && !element.classList.contains('sr-only'))
  .map((element) => element.outerHTML.slice(0, 120))`;
const SERIOUS = `axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations
  .filter(({ impact }) => impact === 'serious' || impact === 'critical')
  .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`;

describe('the built page', () => {
  const document = readFileSync(join(WEB, 'index.html'), 'utf8');

  it('loads at most 200 KB of script, gzipped, to begin with', () => {
    const first = [...document.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.js)"/g)].map(
      ([, file = '']) => file,
    );
    const bytes = first.map((file) => gzipSync(readFileSync(join(WEB, file))).length);
    expect(first.length).toBeGreaterThan(0);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(SCRIPT_BUDGET_BYTES);
  });

  it('has no inline script or style, and asks no other host', () => {
    expect(document).not.toMatch(/<script(?![^>]*\ssrc=)/);
    expect(document).not.toMatch(/<style|\sstyle=|\son\w+=/);
    expect(document).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const sheets = readdirSync(join(WEB, 'assets')).filter((name) => name.endsWith('.css'));
    for (const sheet of sheets)
      expect(readFileSync(join(WEB, 'assets', sheet), 'utf8')).not.toMatch(/url\(["']?https?:/);
  });
});

describeInBrowser('every page', () => {
  const scope = new ProgramScope();
  let browser: Browser;
  let at: StackAddresses;

  beforeAll(async () => {
    ({ browser, at } = await startDesk(scope));
    await postTrade(at.publisherUrl, { side: 'buy', qty: 1 });
    await pushOnce(at.zmqAddress, { type: 'trade', side: 'buy', qty: -1, ts: 1_700_000_000.5 });
  });
  afterAll(async () => {
    await browser.close();
    await scope.dispose();
  });

  it.each(PAGES)(
    'fits into a phone, a tablet, a desk and a wall, by day and by night, with nothing for axe to find: %s',
    async (path) => {
      const { page, complaints } = await openPage(browser, at.publisherUrl + path);
      await untilConnected(page);
      await postAll(at.publisherUrl, PRICED);
      // Charts and rows are there once the page has read the metrics twice.
      const filled = {
        '/': '[data-status=received]',
        '/latency': 'canvas',
        '/pipeline': '[data-testid=letters]',
      };
      await page.locator(filled[path]).first().waitFor();
      const session = await page.context().newCDPSession(page);
      // DevTools' own world: the page's policy does not let a script in.
      await session.send('Runtime.evaluate', { expression: axe.source });
      const found: unknown[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          await waitUntil(`${path} to fit into ${width} px, charts and all`, async () => {
            return (await page.evaluate<number>(WIDEST)) <= width;
          });
          const { result } = await session.send('Runtime.evaluate', {
            expression: ENDS.includes(width) ? SERIOUS : '[]',
            awaitPromise: true,
            returnByValue: true,
          });
          const cut = await page.evaluate<string[]>(CUT);
          found.push({ colorScheme, width, axe: result.value, cut });
        }
      }
      const nothing = { axe: [], cut: [] };
      expect(found).toEqual(
        ['light', 'dark'].flatMap((colorScheme) =>
          WIDTHS.map((width) => ({ colorScheme, width, ...nothing })),
        ),
      );
      expect(complaints).toEqual([]);
      await page.context().close();
    },
  );

  it('can be used before any answer about trades has come', async () => {
    const { page } = await openPage(browser, 'about:blank');
    let held = 0;
    await page.route(/\/(?:events|trades|stats|health|analytics|metrics|page)\b/u, () => {
      held += 1;
    });
    await page.goto(at.publisherUrl, { waitUntil: 'commit' });
    await page.getByRole('button', { name: 'Buy', exact: true }).waitFor();
    expect(held).toBeGreaterThan(0);
    await page.context().close();
  });

  it('keeps the tape still while it is paused, filters it and exports what is shown', async () => {
    const { page } = await openPage(browser, at.publisherUrl);
    await untilConnected(page);
    // Only the rows in sight are in the document; the table says how many there are, and its titles are one.
    const rows = async () => Number(await page.getByTestId('tape').getAttribute('aria-rowcount')) - 1;
    await postAll(at.publisherUrl, tradeMix(30), 1);
    await waitUntil('30 rows', async () => (await rows()) === 30);

    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const before = await appliedCount(at);
    await postAll(at.publisherUrl, tradeMix(3), 1);
    await waitUntil('the tiles to go on', async () => (await appliedCount(at)) === before + 3);
    expect(await rows()).toBe(30);
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await waitUntil('33 rows', async () => (await rows()) === 33);

    await page.getByLabel('Side', { exact: true }).getByRole('radio', { name: 'Sell' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n');
    expect(lines[0]).toBe('time,ts_seconds,symbol,side,qty,price,status,latency_seconds,reason,posted_here');
    expect(lines.slice(1).every((line) => line.includes(',sell,') && line.includes(',received,'))).toBe(true);
    expect(lines).toHaveLength(1 + 11);
    await page.context().close();
  });

  it('has something true to show everywhere within a minute of the demo, and follows one symbol on a press', async () => {
    const { page, complaints } = await openPage(browser, at.publisherUrl);
    const demo = page.getByRole('switch', { name: 'Demo' });
    await demo.click();
    await page.locator('[data-testid=symbols] button', { hasText: 'DEMO-' }).nth(2).waitFor();
    await page.locator('[data-testid=tape] tbody tr', { hasText: 'DEMO-' }).first().waitFor();
    await waitUntil('every headline to have its figure', async () => {
      const figures = await page.locator('[data-headline] dd:first-of-type').allInnerTexts();
      return figures.length === 6 && !figures.includes('–');
    });
    await page.getByLabel('Rank by').getByRole('radio', { name: 'Trades' }).click();
    const row = page.locator('[data-testid=symbols] button', { hasText: 'DEMO-ETH' });
    await row.click();
    await page.getByRole('heading', { name: 'DEMO-ETH' }).waitFor();
    await page.locator('figure, section', { hasText: 'DEMO-ETH' }).getByText('Close').first().waitFor();
    expect(await page.getByLabel('Symbol', { exact: true }).inputValue()).toBe('DEMO-ETH');
    await waitUntil('the tape to show it alone', async () => {
      const rows = await page.locator('[data-testid=tape] tbody tr').allInnerTexts();
      return rows.length > 0 && rows.every((text) => text.includes('DEMO-ETH'));
    });

    await demo.click();
    await page.getByRole('switch', { name: 'Demo', checked: false }).waitFor();
    await waitUntil('the list to agree with the metrics', async () => {
      const samples = await scrape(`${at.sidecarUrl}/metrics`);
      const counted = ['buy', 'sell'].map(
        (side) => samples.get(`trading_symbol_trades_total{symbol="DEMO-ETH",side="${side}"}`) ?? 0,
      );
      return (await row.innerText()).includes(`${(counted[0] ?? 0) + (counted[1] ?? 0)} trades`);
    });
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  // How many frames a second that leaves is measured by `npm run web:framerate`: it depends on what else the machine does.
  it('shows a sample of 20,000 events a second, says so, and counts every one', async () => {
    const { page, complaints } = await openPage(browser, at.publisherUrl);
    await untilConnected(page);
    const stop = new AbortController();
    const load = postBulk(at.publisherUrl, stop.signal);
    await page.getByText('a sample: the page cannot show every event').waitFor();
    expect(await page.locator('[data-testid=tape] tbody tr').count()).toBeLessThanOrEqual(100);
    stop.abort();
    await load;
    await waitUntil('the tiles to agree with the metrics', async () => {
      const { buy } = await whenApplied(at.sidecarUrl, 0);
      const shown = await page.getByTestId('trades-buy').innerText();
      return Number(shown.replaceAll(',', '')) === buy;
    });
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});

async function appliedCount(at: StackAddresses): Promise<number> {
  const { buy, sell } = await whenApplied(at.sidecarUrl, 0);
  return buy + sell;
}

/** Posts 20,000 trades a second until it is told to stop. */
async function postBulk(publisherUrl: string, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  for (let nextMs = performance.now(); !signal.aborted; nextMs += BULK_EVERY_MS) {
    await (await fetch(`${publisherUrl}/trades`, { method: 'POST', headers, body: BULK })).arrayBuffer();
    await sleep(Math.max(0, nextMs + BULK_EVERY_MS - performance.now()));
  }
}
