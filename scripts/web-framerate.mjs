// `npm run web:framerate`: how soon the desk can be used, and frames a second and memory of each page while events of 200 symbols go through both apps.
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { endOnSignals } from './lib/stop-signal.mjs';

const RATE = 20_000;
const EVERY_MS = 100;
const SYMBOLS = 200;
const SETTLE_MS = 4000;
const MEASURE_MS = 8000;
const WANTED_FPS = 50;
const USABLE_WITHIN_MS = 1000;
const MINUTE_MS = 60_000;
/** Charts and tapes fill for some minutes. From the second quarter of the time to the last one, what a page holds grows no more. */
const MOST_GROWTH = 1.1;
const LEAST_MINUTES = 4;

/** Runs in the page: frames a second over a time, and the longest pause between two frames. */
const MEASURE = `new Promise((resolve) => {
  const begin = performance.now();
  let last = begin, frames = 0, longest = 0;
  const step = (now) => {
    frames += 1;
    longest = Math.max(longest, now - last);
    last = now;
    if (now - begin < ${MEASURE_MS}) requestAnimationFrame(step);
    else resolve({ fps: (frames * 1000) / (now - begin), longestMs: longest, rows: document.querySelectorAll('tbody tr').length });
  };
  requestAnimationFrame(step);
})`;

const USAGE = `usage: npm run web:framerate -- [options]
Measures in Chromium (CHROMIUM_PATH) how soon the desk can be used, then frames a second and memory of each page while events
of 200 symbols go through both apps.
  --rate N      events a second (20000)
  --minutes N   then keeps the desk open for so long, and says each minute what it holds (0)`;

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').CDPSession} Session */

/**
 * What the page's scripts hold, in MiB.
 * @param {Session} session
 */
async function heldMiB(session) {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize / 1024 ** 2;
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * @param {string} name
 * @param {string | true | undefined} text
 * @param {number} fallback
 */
function numberOf(name, text, fallback) {
  const value = text === undefined ? fallback : Number(text);
  if (text === true || text === '' || !Number.isFinite(value) || value < 0)
    throw new ScriptError(`web:framerate: --${name} must be a number from 0, not "${text}"\n${USAGE}`, 64);
  return value;
}

/**
 * @param {Page} page
 * @param {string} path
 * @returns {Promise<boolean>} whether it was fast enough
 */
async function measureFrames(page, path) {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const measured = /** @type {{ fps: number, longestMs: number, rows: number }} */ (
    await page.evaluate(MEASURE)
  );
  console.log(
    `${path.padEnd(10)} ${measured.fps.toFixed(1)} frames/s (longest pause ${measured.longestMs.toFixed(0)} ms), ${measured.rows} rows`,
  );
  return measured.fps > WANTED_FPS;
}

/**
 * The best of three: what else the machine does can only add.
 * @param {import('playwright-core').Browser} browser
 * @param {string} url
 * @returns {Promise<boolean>} whether one can buy soon enough
 */
async function measureStart(browser, url) {
  const timesMs = [];
  for (let load = 0; load < 3; load += 1) {
    const page = await browser.newPage();
    const begunMs = performance.now();
    await page.goto(url, { waitUntil: 'commit' });
    await page.getByRole('button', { name: 'Buy', exact: true }).waitFor();
    timesMs.push(performance.now() - begunMs);
    await page.close();
  }
  const bestMs = Math.min(...timesMs);
  console.log(`can be used after ${bestMs.toFixed(0)} ms`);
  return bestMs < USABLE_WITHIN_MS;
}

/**
 * @param {Session} session
 * @param {number} minutes
 * @returns {Promise<boolean>} whether it stayed within bounds
 */
async function watchMemory(session, minutes) {
  /** @type {number[]} */
  const held = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    await new Promise((resolve) => setTimeout(resolve, MINUTE_MS));
    held.push(await heldMiB(session));
    console.log(`minute ${minute}: ${held.at(-1)?.toFixed(1)} MiB of script memory`);
  }
  const quarter = (/** @type {number} */ index) =>
    held.slice((index * held.length) / 4, ((index + 1) * held.length) / 4);
  const growth = median(quarter(3)) / median(quarter(1));
  console.log(
    `at most ${Math.max(...held).toFixed(1)} MiB; from the second quarter to the last, × ${growth.toFixed(2)}`,
  );
  return growth <= MOST_GROWTH;
}

await runScript(async () => {
  const { values } = readOptions('web:framerate', USAGE);
  const rate = numberOf('rate', values['rate'], RATE);
  const minutes = numberOf('minutes', values['minutes'], 0);
  if (minutes !== 0 && (minutes < LEAST_MINUTES || !Number.isInteger(minutes)))
    throw new ScriptError(
      `web:framerate: --minutes must be 0, or a whole number from ${LEAST_MINUTES}\n${USAGE}`,
      64,
    );
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'web'], { onlyStale: true });
  endOnSignals();
  const { postSteadily, withWebStack } = await import('./lib/web-stack.mjs');
  let holds = true;
  await withWebStack(async ({ browser, publisherUrl }) => {
    if (!(await measureStart(browser, publisherUrl))) holds = false;
    const stop = new AbortController();
    const begunMs = performance.now();
    const perRequest = Math.max(1, Math.round((rate * EVERY_MS) / 1000));
    const posting = postSteadily(publisherUrl, {
      perRequest,
      everyMs: EVERY_MS,
      symbols: SYMBOLS,
      signal: stop.signal,
    });
    try {
      for (const path of ['/latency', '/pipeline', '/']) {
        const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
        await page.goto(publisherUrl + path);
        const session = await page.context().newCDPSession(page);
        if (!(await measureFrames(page, path))) holds = false;
        console.log(`           ${(await heldMiB(session)).toFixed(1)} MiB of script memory`);
        if (path === '/' && minutes > 0 && !(await watchMemory(session, minutes))) holds = false;
        await page.close();
      }
    } finally {
      stop.abort();
    }
    const offered = ((await posting) * 1000) / (performance.now() - begunMs);
    console.log(`${Math.round(offered)} events/s`);
  });
  return holds ? 0 : 1;
});
