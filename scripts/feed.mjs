// `npm run feed`: builds the feed when it is stale, and runs it in this very process, so that signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { stopSignal } from './lib/stop-signal.mjs';

const USAGE = `usage: npm run feed -- --exchange NAME --symbols LIST [options]

Takes the public trades of an exchange to the publisher, or to the sidecar. Ctrl-C delivers what came, and ends it.

from
  --exchange NAME        binance or coinbase
  --symbols LIST         separated by commas: ethusdt,btcusdt (coinbase: ETH-USD,BTC-USD)
  --from URL             another address of the exchange, such as that of its test network

to
  --url URL              the publisher (http://127.0.0.1:8000); it sets the time of each trade
  --token-file FILE      the token that posts have to carry, as in API_TOKEN_FILE
  --ca FILE              certificates (PEM) of an https: address that Node does not trust by itself
  --connect ADDRESS      the sidecar's ZeroMQ address in place of the publisher; trades keep the exchange's time
  --keys FOLDER          for --connect: CURVE keys, as in CURVE_KEYS
  --client NAME          which client of that folder to be (publisher)
  --record FILE          also writes a tape, for npm run load -- --replay FILE

how much
  --duration S           ends after so many seconds
  --buffer N             trades that may wait while nothing is taken; the next one is dropped (100000)
  --drain S              how long the end may take (10)`;

await runScript(async () => {
  const { values } = readOptions('feed', USAGE);
  await ensureInstalled();
  await build(['bench'], { onlyStale: true });
  const { runFeed } = await import(
    pathToFileURL(join(ROOT, 'dist', 'bench', 'bench', 'feed', 'main.js')).href
  );
  return runFeed(
    values,
    stopSignal(() => process.exit(130)),
  );
});
