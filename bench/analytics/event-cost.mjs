import { Counter, Registry } from 'prom-client';
import { makeAnalysedRecorder, makeRecorder, nowSeconds, someTrades } from './sidecar-parts.mjs';

const ROUNDS = 5;

/**
 * Median nanoseconds an event over some rounds.
 * @param {{ events: number, batch: number }} size of a round, and of what has one time of receipt: 256 in a flood
 * @param {(trade: ReturnType<typeof someTrades>[number], receivedAtSeconds: number) => void} apply
 * @param {() => void} endBatch
 */
function nanosecondsAnEvent({ events, batch }, apply, endBatch = () => undefined) {
  const trades = someTrades();
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const start = performance.now();
    for (let done = 0; done < events; done += batch) {
      const receivedAtSeconds = nowSeconds();
      for (let index = 0; index < batch; index += 1) {
        const trade = trades[(done + index) & 4095];
        if (trade) apply(trade, receivedAtSeconds);
      }
      endBatch();
    }
    return ((performance.now() - start) * 1e6) / events;
  });
  // The first warms up.
  return Math.round(rounds.slice(1).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
}

/**
 * What one trade costs: a bare counter, today's counters and histograms, and everything.
 * @param {number} events of a round
 */
export async function measureEvents(events) {
  const size = { events, batch: 256 };
  const counter = new Counter({
    name: 'bare_total',
    help: 'Bare.',
    labelNames: ['side'],
    registers: [new Registry()],
  });
  const sides = { buy: counter.labels('buy'), sell: counter.labels('sell') };
  const bare = nanosecondsAnEvent(size, ({ side }) => sides[side === 'buy' ? 'buy' : 'sell'].inc());
  const plain = makeRecorder();
  const recorder = nanosecondsAnEvent(
    size,
    (trade, at) => plain.record(trade, at),
    () => plain.endBatch(),
  );
  const whole = makeAnalysedRecorder();
  const apply = whole.recorder.record.bind(whole.recorder);
  const endBatch = whole.recorder.endBatch.bind(whole.recorder);
  const all = nanosecondsAnEvent(size, apply, endBatch);
  const again = nanosecondsAnEvent(size, apply, endBatch);
  const alone = nanosecondsAnEvent({ events, batch: 1 }, apply, endBatch);
  return {
    'ns an event, bare counter': bare,
    'ns an event, recorder': recorder,
    'ns an event, recorder and analysis': all,
    'ns an event, analysis alone': all - recorder,
    'ns an event, analysis, twice as many': again - recorder,
    'ns an event, all, batches of one': alone,
  };
}
