import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Push } from 'zeromq';
import { ROOT } from '../../scripts/lib/project.mjs';

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

/**
 * @param {string} address
 * @param {number} seconds
 */
async function flood(address, seconds) {
  const socket = new Push({ linger: 0, sendHighWaterMark: 16 });
  socket.connect(address);
  const end = Date.now() + seconds * 1000;
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

/**
 * @param {string} sidecarUrl
 * @param {number} seconds
 */
async function worstLag(sidecarUrl, seconds) {
  const lags = [];
  for (let second = 0; second < seconds - 1; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    lags.push((await valueOf(sidecarUrl, LAG)) * 1000);
  }
  return lags.sort((a, b) => a - b);
}

/**
 * A real sidecar, a scrape a second, and as many trades as it takes: how late its event loop gets.
 * @param {number} seconds at least 2
 */
export async function measureFlood(seconds) {
  const stack = await AppStack.prepare({ publisher: {}, sidecar: {} });
  const { sidecarUrl, zmqAddress } = stack;
  try {
    await stack.startSidecar();
    await valueOf(sidecarUrl, LAG);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const idleLagMs = (await valueOf(sidecarUrl, LAG)) * 1000;
    const before = await valueOf(sidecarUrl, BOUGHT);
    const [lags] = await Promise.all([worstLag(sidecarUrl, seconds), flood(zmqAddress, seconds)]);
    const applied = (await valueOf(sidecarUrl, BOUGHT)) - before;
    return {
      'events a second in the flood': Math.round(applied / seconds),
      'event loop p99, idle (ms)': idleLagMs.toFixed(1),
      'event loop p99, flood, median (ms)': (lags[Math.floor(lags.length / 2)] ?? Number.NaN).toFixed(1),
      'event loop p99, flood, worst (ms)': (lags.at(-1) ?? Number.NaN).toFixed(1),
    };
  } finally {
    await stack.stop();
  }
}
