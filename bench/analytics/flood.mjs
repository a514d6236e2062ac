import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Push } from 'zeromq';
import { ROOT } from '../../scripts/lib/project.mjs';

const SECONDS = 10;
const BATCH_EVENTS = 256;

/** @returns {Promise<number>} a TCP port that was free a moment ago */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * @param {string} text of a scrape
 * @param {string} sample
 */
function valueOf(text, sample) {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${sample} `));
  return Number(line?.slice(sample.length + 1));
}

/** @param {number} port */
async function scrape(port) {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

/** @param {number} port */
async function untilHealthy(port) {
  for (;;) {
    const ok = await fetch(`http://127.0.0.1:${port}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
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

/** @param {number} port */
async function worstLag(port) {
  const lags = [];
  for (let second = 0; second < SECONDS - 1; second += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    lags.push(valueOf(await scrape(port), 'nodejs_eventloop_lag_p99_seconds') * 1000);
  }
  return lags.sort((a, b) => a - b);
}

/** A real sidecar, a scrape a second, and as many trades as it takes: how late its event loop gets. */
export async function measureFlood() {
  const [port, zmqPort] = [await freePort(), await freePort()];
  const address = `tcp://127.0.0.1:${zmqPort}`;
  const main = join(ROOT, 'dist/apps/sidecar/apps/sidecar/src/main.js');
  const env = { ...process.env, PORT: String(port), HOST: '127.0.0.1', SIDECAR_ZMQ_BIND: address };
  const sidecar = spawn(process.execPath, [main], { env, stdio: 'ignore' });
  const ended = once(sidecar, 'exit');
  const end = () => sidecar.kill('SIGKILL');
  process.once('exit', end);
  try {
    await untilHealthy(port);
    await scrape(port);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const idleLagMs = valueOf(await scrape(port), 'nodejs_eventloop_lag_p99_seconds') * 1000;
    const before = valueOf(await scrape(port), 'trades_total{side="buy"}');
    const [lags] = await Promise.all([worstLag(port), flood(address)]);
    const applied = valueOf(await scrape(port), 'trades_total{side="buy"}') - before;
    return {
      'events a second in the flood': Math.round(applied / SECONDS),
      'event loop p99, idle (ms)': idleLagMs.toFixed(1),
      'event loop p99, flood, median (ms)': (lags[Math.floor(lags.length / 2)] ?? Number.NaN).toFixed(1),
      'event loop p99, flood, worst (ms)': (lags.at(-1) ?? Number.NaN).toFixed(1),
    };
  } finally {
    sidecar.kill('SIGTERM');
    await ended;
    process.off('exit', end);
  }
}
