// `npm run web:screenshots`: writes docs/images from the built page: every page in both themes, and at 390 px.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { endOnSignals } from './lib/stop-signal.mjs';

const FOLDER = join(ROOT, 'docs', 'images');
const PAGES = /** @type {const} */ ([
  ['trade', '/'],
  ['latency', '/latency'],
  ['pipeline', '/pipeline'],
]);
const SHOTS = /** @type {const} */ ([
  { suffix: 'light', colorScheme: 'light', width: 1440, height: 900 },
  { suffix: 'dark', colorScheme: 'dark', width: 1440, height: 900 },
  { suffix: 'narrow', colorScheme: 'light', width: 390, height: 844 },
]);
/** The charts need some past to show. */
const WARM_UP_MS = 65_000;

/**
 * Sends what the sidecar rejects, so that there are dead letters to show.
 * @param {string} address
 */
async function pushRejected(address) {
  const { Push } = await import('zeromq');
  const socket = new Push({ linger: 1000 });
  socket.connect(address);
  for (const text of [
    '{"type":"trade","side":"hold","qty":1,"ts":1795345871.2}',
    '{"type":"trade","side":"buy","qty":-3,"ts":1795345871.9}',
    '{"type":"trade","side":"sell","qt',
  ]) {
    await socket.send(text);
  }
  socket.close();
}

/**
 * What the pictures show is the publisher's own demo.
 * @param {string} publisherUrl
 */
async function startDemo(publisherUrl) {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"rate":40}' };
  const { status } = await fetch(`${publisherUrl}/demo`, init);
  if (status !== 202) throw new ScriptError(`the demo did not start: the publisher answered ${status}`, 1);
}

const USAGE = `usage: npm run web:screenshots
Writes docs/images from the built page, in Chromium (CHROMIUM_PATH): every page in both themes, and at 390 px.`;

await runScript(async () => {
  readOptions('web:screenshots', USAGE);
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'web'], { onlyStale: true });
  endOnSignals();
  const { withWebStack } = await import('./lib/web-stack.mjs');
  await withWebStack(async ({ browser, publisherUrl, zmqAddress }) => {
    mkdirSync(FOLDER, { recursive: true });
    await startDemo(publisherUrl);
    await pushRejected(zmqAddress);
    const opened = [];
    for (const { suffix, colorScheme, width, height } of SHOTS) {
      for (const [name, path] of PAGES) {
        const page = await browser.newPage({ colorScheme, viewport: { width, height } });
        await page.goto(publisherUrl + path);
        opened.push({ page, file: join(FOLDER, `${name}-${suffix}.png`) });
      }
    }
    await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS));
    for (const { page, file } of opened) await page.screenshot({ path: file });
    console.log(`wrote ${opened.length} pictures to docs/images`);
  });
});
