// `npm run load`: builds the load generator when it is stale, and runs it in this very process, so that signals reach it.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { readOptions } from './lib/options.mjs';

const USAGE = `usage: npm run load -- [options]

how much
  --rate N               events a second on average (1000)
  --rate LOW..HIGH       searches the highest rate at which p99 stays under the bound
  --p99-bound TIME       for a search (50ms)
  --duration S           seconds of the run (10), or of each step of a search (5)
  --warmup S             seconds at the same rate before it, not measured (0; a search: 2)

what
  --arrivals LAW         fixed, poisson or hawkes (fixed)
  --branching N          hawkes: events excited by each, 0 to below 1 (0.7)
  --decay TIME           hawkes: how long an event excites others, on average (100ms)
  --qty LAW              fixed, lognormal or pareto (fixed)
  --qty-mean N           lognormal, pareto: mean quantity (1)
  --qty-shape N          lognormal: deviation of the logarithm (1); pareto: tail exponent, over 1 (1.5)
  --seed N               the same seed gives the same trades at the same times (1)
  --replay FILE          a recorded tape (CSV) in place of the options above; --duration cuts it short
  --speed N              replays N times as fast (1)
  --symbol NAME          the symbol of a tape that names none

a tape
  without a header       Binance's public trade files: id,price,qty,quote_qty,time,is_buyer_maker (the buyer was the maker: sell);
                         or ts,side,qty
  with a header          a time (ts, time, timestamp …), a quantity (qty, quantity, size …), and side or is_buyer_maker; perhaps symbol, price
  times                  epoch numbers in s, ms, µs or ns, or text such as 2020-08-14 10:00:00.223000+00:00 (UTC without a zone)

where
  --via WAY              http: posts to the publisher; zmq: pushes to the sidecar (http)
  --wait STAGE           http: accepted, or applied: the answer comes when the sidecar has counted the event (accepted)
  --url URL, --sidecar URL, --zmq ADDRESS
                         addresses (those of npm start)
  --token-file FILE      http: the token that posts have to carry, as in API_TOKEN_FILE
  --keys FOLDER          zmq: CURVE keys, as in CURVE_KEYS
  --ca FILE              certificates (PEM) of an https: address that Node does not trust by itself
  --client NAME          zmq: which client of that folder to be (publisher)

results
  --json FILE            the report for programs
  --hdr FILE             the percentile distribution in HdrHistogram's text form, milliseconds
  --chart FILE           the percentile curve as .svg, or as .png where Chromium is installed`;

await runScript(async () => {
  const { values } = readOptions('load', USAGE);
  await ensureInstalled();
  await build(['bench'], { onlyStale: true });
  const { runLoad } = await import(
    pathToFileURL(join(ROOT, 'dist', 'bench', 'bench', 'load', 'main.js')).href
  );
  return runLoad(values);
});
