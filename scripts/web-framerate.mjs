// `npm run web:framerate`: frames a second and memory of each page while 20,000 events a second of 200 symbols go
// through both apps.
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { runScript } from './lib/script-error.mjs';
import { endOnSignals } from './lib/stop-signal.mjs';

const PER_REQUEST = 2000;
const EVERY_MS = 100;
const SYMBOLS = 200;
const SETTLE_MS = 4000;
const MEASURE_MS = 8000;
const WANTED_FPS = 50;

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

const USAGE = `usage: npm run web:framerate
Measures frames a second and memory of each page in Chromium (CHROMIUM_PATH), while 20,000 events a second of 200 symbols
go through both apps.`;

await runScript(async () => {
  readOptions('web:framerate', USAGE);
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'web'], { onlyStale: true });
  endOnSignals();
  const { postSteadily, withWebStack } = await import('./lib/web-stack.mjs');
  let isFast = true;
  await withWebStack(async ({ browser, publisherUrl }) => {
    for (const path of ['/', '/latency', '/pipeline']) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      await page.goto(publisherUrl + path);
      const session = await page.context().newCDPSession(page);
      const stop = new AbortController();
      const begunMs = performance.now();
      const posting = postSteadily(publisherUrl, {
        perRequest: PER_REQUEST,
        everyMs: EVERY_MS,
        symbols: SYMBOLS,
        signal: stop.signal,
      });
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const measured = /** @type {{ fps: number, longestMs: number, rows: number }} */ (
        await page.evaluate(MEASURE)
      );
      stop.abort();
      const rate = ((await posting) * 1000) / (performance.now() - begunMs);
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      isFast &&= measured.fps > WANTED_FPS;
      console.log(
        `${path.padEnd(10)} ${measured.fps.toFixed(1)} frames/s (longest pause ${measured.longestMs.toFixed(0)} ms), ` +
          `${Math.round(rate)} events/s, ${(usedSize / 1024 ** 2).toFixed(1)} MiB of script memory, ${measured.rows} rows`,
      );
      await page.close();
    }
  });
  return isFast ? 0 : 1;
});
