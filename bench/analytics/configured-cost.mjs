import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../scripts/lib/project.mjs';
import { makeAnalysedRecorder, nowSeconds, someTrades } from './sidecar-parts.mjs';

const BATCH_EVENTS = 256;
const ROUNDS = 7;

/** One counter and one histogram, with a schema as strict as the trade's. */
const FILE = `events:
  order:
    schema:
      type: object
      required: [side, qty, ts]
      properties:
        side: { enum: [buy, sell] }
        qty: { type: number, minimum: 0, maximum: 1.0e+15 }
        ts: { type: number, minimum: 0, maximum: 1.0e+10 }
    metrics:
      - counter: orders_total
        help: Orders.
        labels: { side: { from: /side, values: [buy, sell] } }
      - histogram: order_seconds
        help: Time.
        value: /qty
        scale: 0.001
        buckets: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
`;

/** @param {string} path below the built sidecar */
const load = (path) => import(pathToFileURL(join(ROOT, 'dist', 'apps', 'sidecar', path)).href);

/**
 * Events as they come off the wire: each batch parsed from its text, so that no two share an object.
 * @param {string} type
 */
function batchesOf(type) {
  const events = someTrades(false).map((trade) => ({ ...trade, type }));
  return Array.from({ length: events.length / BATCH_EVENTS }, (_, index) =>
    JSON.parse(JSON.stringify(events.slice(index * BATCH_EVENTS, (index + 1) * BATCH_EVENTS))),
  );
}

/**
 * Nanoseconds an event of one round.
 * @param {number} size events
 * @param {readonly unknown[][]} batches
 * @param {(batch: unknown[]) => void} apply
 */
function round(size, batches, apply) {
  const start = performance.now();
  for (let done = 0; done < size; done += BATCH_EVENTS) {
    apply(batches[(done / BATCH_EVENTS) % batches.length] ?? []);
  }
  return ((performance.now() - start) * 1e6) / size;
}

function reject() {
  throw new Error('every event of the bench is right');
}

/** @param {number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * What a trade costs from its handler on, with check, counts and analysis; and an event of a configured type that moves a counter
 * and a histogram. Arrays of 256, in turns in one process.
 * @param {number} size events of a round
 */
export async function measureConfigured(size) {
  const { TradesController } = await load('apps/sidecar/src/intake/trades.controller.js');
  const { EventPlans, EventTallies, parseMetricsFile } = await load('libs/event-metrics/src/index.js');
  const { RESERVED_NAMES } = await load('libs/contracts/src/index.js');
  const controller = new TradesController(makeAnalysedRecorder().recorder);
  const tallies = new EventTallies(new EventPlans(parseMetricsFile(FILE, RESERVED_NAMES)));
  const [trades, orders] = [batchesOf('trade'), batchesOf('order')];
  const builtIn = [];
  const configured = [];
  for (let turn = 0; turn <= ROUNDS; turn += 1) {
    builtIn.push(
      round(size, trades, (batch) => {
        controller.record(batch, {
          partition: undefined,
          receivedAtSeconds: nowSeconds(),
          reject,
          fail: reject,
        });
      }),
    );
    configured.push(round(size, orders, (batch) => tallies.record('order', batch, nowSeconds(), reject)));
  }
  // The first turn warms up.
  const [built, byFile] = [median(builtIn.slice(1)), median(configured.slice(1))];
  return {
    'ns an event, trade path': Math.round(built),
    'ns an event, configured counter and histogram': Math.round(byFile),
    'configured ÷ trade path (at most 1.5)': (byFile / built).toFixed(2),
  };
}
