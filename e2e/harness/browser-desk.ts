import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { hasChromium, startBrowser } from '../../testing/browser.js';
import { describeWhen } from '../../testing/installed.js';
import type { ProgramScope } from '../../testing/program.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../../testing/stack.js';

/** Like `describe`, for tests in Chromium; without it they are skipped, and their names say so. */
export function describeInBrowser(title: string, tests: () => void): void {
  describeWhen(hasChromium, title, 'chromium is not installed: apt-get install chromium', tests);
}

/** Starts a browser, and both apps for it. */
export async function startDesk(
  scope: ProgramScope,
  publisherSettings: Readonly<Record<string, string>> = {},
): Promise<{ browser: Browser; at: StackAddresses }> {
  const browser = await startBrowser();
  const at = await chooseAddresses();
  await startSidecar(scope, at);
  await startPublisher(scope, at, publisherSettings);
  return { browser, at };
}

/** A page that is open, and what its browser complained about. */
export interface OpenPage {
  readonly page: Page;
  /** Errors of scripts and refusals of the Content-Security-Policy; network failures are not among them. */
  readonly complaints: string[];
}

/** Opens an address in a browser profile of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const isNetwork = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isNetwork) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

/** Waits until the page says that publisher, link and sidecar are up. */
export function untilConnected(page: Page): Promise<void> {
  return page.getByTestId('link-status').filter({ hasText: 'link up' }).waitFor();
}

/** Waits for a row of the tape that holds all these words. */
export function rowWith(page: Page, ...words: string[]): Promise<void> {
  const rows = page.locator('[data-testid=tape] tbody tr');
  const row = words.reduce((found, hasText) => found.filter({ hasText }), rows);
  return row.first().waitFor({ timeout: 10_000 });
}
