import { createServer } from 'node:net';
import { chromium } from 'playwright-core';
import { entryOf } from './project.mjs';
import { Service } from './service.mjs';

const HEALTH_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 20_000;
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @returns {Promise<number>} a port that was free a moment ago */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/**
 * Runs `use` with a browser and a pair of built apps of its own, and ends them whatever happens.
 * @param {(given: { browser: import('playwright-core').Browser, publisherUrl: string, zmqAddress: string }) => Promise<void>} use
 */
export async function withWebStack(use) {
  const [sidecarPort, publisherPort, zmqPort] = [await freePort(), await freePort(), await freePort()];
  const sidecarUrl = `http://127.0.0.1:${sidecarPort}`;
  const publisherUrl = `http://127.0.0.1:${publisherPort}`;
  const zmq = `tcp://127.0.0.1:${zmqPort}`;
  const env = { ...process.env, HOST: '127.0.0.1' };
  const sidecar = new Service('sidecar', [entryOf('sidecar')], {
    ...env,
    PORT: String(sidecarPort),
    SIDECAR_ZMQ_BIND: zmq,
  });
  const publisher = new Service('publisher', [entryOf('publisher')], {
    ...env,
    PORT: String(publisherPort),
    WEBAPP_ZMQ_ADDR: zmq,
    SIDECAR_HTTP_URL: sidecarUrl,
  });
  const never = new AbortController().signal;
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: FLAGS,
  });
  try {
    await sidecar.healthy(`${sidecarUrl}/health`, HEALTH_TIMEOUT_MS, never);
    await publisher.healthy(`${publisherUrl}/health`, HEALTH_TIMEOUT_MS, never);
    await use({ browser, publisherUrl, zmqAddress: zmq });
  } finally {
    await browser.close();
    await publisher.stop(STOP_GRACE_MS);
    await sidecar.stop(STOP_GRACE_MS);
  }
}

/**
 * Posts trades evenly, many in one request, until it is told to stop.
 * @param {string} publisherUrl
 * @param {{ perRequest: number, everyMs: number, signal: AbortSignal }} options
 * @returns {Promise<number>} trades that were taken
 */
export async function postSteadily(publisherUrl, { perRequest, everyMs, signal }) {
  let accepted = 0;
  let nextMs = performance.now();
  while (!signal.aborted) {
    const items = Array.from({ length: perRequest }, () => ({
      side: Math.random() < 0.55 ? 'buy' : 'sell',
      // Many small trades and few large ones, as on a market.
      qty: Number(Math.exp(Math.random() * 5 - 2).toFixed(3)),
    }));
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
