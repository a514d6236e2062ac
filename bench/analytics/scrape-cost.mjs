import { collectDefaultMetrics, register } from 'prom-client';
import { makeAnalysedRecorder, nowSeconds, someTrades } from './sidecar-parts.mjs';

const SCRAPES = 200;

/** Milliseconds of a scrape with all windows full of trades, and the number of its series. */
export async function measureScrapes() {
  const { recorder } = makeAnalysedRecorder();
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
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) {
    const start = performance.now();
    const text = await register.metrics();
    times.push(performance.now() - start);
    series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  }
  times.sort((a, b) => a - b);
  register.clear();
  return {
    'ms a scrape, median': (times[SCRAPES / 2] ?? Number.NaN).toFixed(2),
    'ms a scrape, p99': (times[Math.floor(SCRAPES * 0.99)] ?? Number.NaN).toFixed(2),
    'series a scrape': series,
  };
}
