import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Push } from 'zeromq';
import { ROOT } from '../../scripts/lib/project.mjs';

const SECONDS = 10;
const BATCH_EVENTS = 256;
const BOUGHT = 'trades_total{side="buy"}';
const LAG = 'nodejs_eventloop_lag_p99_seconds';

/** @param {string} name of a module of the kit */
const kit = (name) => import(pathToFileURL(join(ROOT, 'dist', 'testing', 'testing', `${name}.js`)).href);

const { scrape } = /** @type {typeof import('../../testing/samples.js')} */ (await kit('samples'));
const { AppStack } = /** @type {typeof import('../../testing/stack.js')} */ (await kit('stack'));

/**
 * @param {string} sidecarUrl
 * @param {string} sample
 */
async function valueOf(sidecarUrl, sample) {
  return (await scrape(`${sidecarUrl}/metrics`)).get(sample) ?? Number.NaN;
}

/** @param {string} address */
async function flood(address) {
  const socket = new Push({ linger: 0, sendHighWaterMark: 16 });
  socket.connect(address);
  const end = Date.now() + SECONDS * 1000;
  while (Date.now() < end) {
    const ts = Date.now() / 1000;
    const batch = Array.from({ length: BATCH_EVENTS }, (_, index) => ({
      type: 'trade',
      side: 'buy',
      qty: index,
      ts,
    }));
    await socket.send(JSON.stringify(batch));
  }
  socket.close();
}

/** @param {string} sidecarUrl */
async function worstLag(sidecarUrl) {
  const lags = [];
  for (let second = 0; second < SECONDS - 1; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    lags.push((await valueOf(sidecarUrl, LAG)) * 1000);
  }
  return lags.sort((a, b) => a - b);
}

/** A real sidecar, a scrape a second, and as many trades as it takes: how late its event loop gets. */
export async function measureFlood() {
  const stack = await AppStack.prepare({ publisher: {}, sidecar: {} });
  const { sidecarUrl, zmqAddress } = stack;
  try {
    await stack.startSidecar();
    await valueOf(sidecarUrl, LAG);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const idleLagMs = (await valueOf(sidecarUrl, LAG)) * 1000;
    const before = await valueOf(sidecarUrl, BOUGHT);
    const [lags] = await Promise.all([worstLag(sidecarUrl), flood(zmqAddress)]);
    const applied = (await valueOf(sidecarUrl, BOUGHT)) - before;
    return {
      'events a second in the flood': Math.round(applied / SECONDS),
      'event loop p99, idle (ms)': idleLagMs.toFixed(1),
      'event loop p99, flood, median (ms)': (lags[Math.floor(lags.length / 2)] ?? Number.NaN).toFixed(1),
      'event loop p99, flood, worst (ms)': (lags.at(-1) ?? Number.NaN).toFixed(1),
    };
  } finally {
    await stack.stop();
  }
}
