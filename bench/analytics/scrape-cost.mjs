import { collectDefaultMetrics, register } from 'prom-client';
import { makeAnalysedRecorder, nowSeconds, someTrades } from './sidecar-parts.mjs';

/**
 * Milliseconds of a scrape with all windows full of trades, and the number of its series; and of a snapshot of them.
 * @param {number} scrapes
 */
export async function measureScrapes(scrapes) {
  const { recorder, snapshot } = makeAnalysedRecorder();
  collectDefaultMetrics();
  const trades = someTrades();
  const now = nowSeconds();
  // Receipts spread over five minutes, up to now: each bucket of each ring is filled.
  for (let index = 0; index < 300_000; index += 1) {
    const trade = trades[index & 4095];
    if (trade) recorder.record(trade, now + index / 1000);
  }
  recorder.endBatch();
  const times = [];
  let series = 0;
  for (let scrape = 0; scrape < scrapes; scrape += 1) {
    const start = performance.now();
    const text = await register.metrics();
    times.push(performance.now() - start);
    series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  }
  times.sort((a, b) => a - b);
  const start = performance.now();
  const bytes = snapshot.take().length;
  const snapshotMs = performance.now() - start;
  register.clear();
  return {
    'ms a scrape, median': (times[Math.floor(scrapes / 2)] ?? Number.NaN).toFixed(2),
    'ms a scrape, p99': (times[Math.floor(scrapes * 0.99)] ?? Number.NaN).toFixed(2),
    'series a scrape': series,
    'ms a snapshot': snapshotMs.toFixed(1),
    'kB a snapshot': Math.round(bytes / 1000),
  };
}
