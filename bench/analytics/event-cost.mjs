import { Counter, Registry } from 'prom-client';
import { makeAnalysedRecorder, makeRecorder, nowSeconds, someTrades } from './sidecar-parts.mjs';

const EVENTS = 1_000_000;
const ROUNDS = 5;

/**
 * Median nanoseconds an event over some rounds.
 * @param {(trade: ReturnType<typeof someTrades>[number], receivedAtSeconds: number) => void} apply
 * @param {() => void} endBatch
 */
function nanosecondsAnEvent(apply, endBatch = () => undefined) {
  const trades = someTrades();
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const start = performance.now();
    // As in a flood: one time of receipt for each batch of 256.
    for (let done = 0; done < EVENTS; done += 256) {
      const receivedAtSeconds = nowSeconds();
      for (let index = 0; index < 256; index += 1) {
        const trade = trades[(done + index) & 4095];
        if (trade) apply(trade, receivedAtSeconds);
      }
      endBatch();
    }
    return ((performance.now() - start) * 1e6) / EVENTS;
  });
  // The first warms up.
  return Math.round(rounds.slice(1).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
}

/** What one trade costs: a bare counter, today's counters and histograms, and everything. */
export async function measureEvents() {
  const counter = new Counter({
    name: 'bare_total',
    help: 'Bare.',
    labelNames: ['side'],
    registers: [new Registry()],
  });
  const sides = { buy: counter.labels('buy'), sell: counter.labels('sell') };
  const bare = nanosecondsAnEvent(({ side }) => sides[side === 'buy' ? 'buy' : 'sell'].inc());
  const plain = makeRecorder();
  const recorder = nanosecondsAnEvent(
    (trade, at) => plain.record(trade, at),
    () => plain.endBatch(),
  );
  const whole = makeAnalysedRecorder();
  const all = nanosecondsAnEvent(
    (trade, at) => whole.recorder.record(trade, at),
    () => whole.recorder.endBatch(),
  );
  return {
    'ns an event, bare counter': bare,
    'ns an event, recorder': recorder,
    'ns an event, recorder and analysis': all,
    'ns an event, analysis alone': all - recorder,
  };
}
