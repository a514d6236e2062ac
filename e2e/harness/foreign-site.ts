import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { openPage } from './browser-desk.js';

/** A site that is not ours: one empty page, without any policy of its own, on another port and so another origin. */
interface ForeignSite {
  readonly url: string;
  close(): Promise<void>;
}

async function startForeignSite(): Promise<ForeignSite> {
  const server = createServer((_request, answer) => {
    answer.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title><body></body>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Submits a form to an address of ours from a page of a foreign site; resolves with the status of the answer. */
export async function postFromForeignSite(
  browser: Browser,
  action: string,
  options?: BrowserContextOptions,
): Promise<number> {
  const elsewhere = await startForeignSite();
  const { page } = await openPage(browser, elsewhere.url, options);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().includes(new URL(action).pathname)),
    page.evaluate(`{
      const form = document.createElement('form');
      form.method = 'post';
      form.action = ${JSON.stringify(action)};
      document.body.append(form);
      form.submit();
    }`),
  ]);
  await page.context().close();
  await elsewhere.close();
  return answer.status();
}
