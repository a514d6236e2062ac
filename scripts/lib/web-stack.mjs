import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { ROOT } from './project.mjs';

/**
 * A module of the kit that tests and tools share, built when it is stale.
 * @param {string} name
 */
async function kit(name) {
  await build(['testing'], { onlyStale: true });
  return import(pathToFileURL(join(ROOT, 'dist', 'testing', 'testing', `${name}.js`)).href);
}

/**
 * Runs `use` with a browser and a pair of built apps of its own, and ends them whatever happens.
 * @param {(given: { browser: import('playwright-core').Browser, publisherUrl: string, zmqAddress: string }) => Promise<void>} use
 */
export async function withWebStack(use) {
  const { AppStack } = /** @type {typeof import('../../testing/stack.js')} */ (await kit('stack'));
  const { startBrowser } = /** @type {typeof import('../../testing/browser.js')} */ (await kit('browser'));
  const stack = await AppStack.prepare({ publisher: {}, sidecar: {} });
  const browser = await startBrowser();
  try {
    await stack.startSidecar();
    await stack.startPublisher();
    const { publisherUrl, zmqAddress } = stack;
    await use({ browser, publisherUrl, zmqAddress });
  } finally {
    await browser.close();
    await stack.stop();
  }
}

/**
 * A trade of one of so many symbols, the first ones more often, each at a price near its own.
 * @param {number} symbols
 */
function someTrade(symbols) {
  const index = Math.floor(symbols * Math.random() ** 2);
  return {
    symbol: `SYM-${String(index + 1).padStart(3, '0')}`,
    price: Number(((index + 1) * (1 + (Math.random() - 0.5) / 100)).toFixed(4)),
    side: Math.random() < 0.55 ? 'buy' : 'sell',
    // Many small trades and few large ones, as on a market.
    qty: Number(Math.exp(Math.random() * 5 - 2).toFixed(3)),
  };
}

/**
 * Posts trades of many symbols evenly, many in one request, until it is told to stop.
 * @param {string} publisherUrl
 * @param {{ perRequest: number, everyMs: number, symbols: number, signal: AbortSignal }} options
 * @returns {Promise<number>} trades that were taken
 */
export async function postSteadily(publisherUrl, { perRequest, everyMs, symbols, signal }) {
  let accepted = 0;
  let nextMs = performance.now();
  while (!signal.aborted) {
    const items = Array.from({ length: perRequest }, () => someTrade(symbols));
    const answer = await fetch(`${publisherUrl}/trades`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(items),
    });
    const { accepted: taken } = /** @type {{ accepted: number }} */ (await answer.json());
    accepted += taken;
    nextMs += everyMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, nextMs - performance.now())));
  }
  return accepted;
}
