import { publisherCapacity, sidecarCapacity, streamCapacity } from './closed-forms.js';
import { measuredCosts } from './costs.js';

/** Bytes of a trade in a message, with its comma. */
const TRADE_BYTES = 67;
const BATCH = 256;
/** No processor is planned to work more than this share of its time. */
const LOAD = 0.7;
const REPLICAS = 3;
/** One may be lost, and the others have work of their own. */
const FEWEST_SIDECARS = 2;
const PARTITIONS = 8;
const DAY_SECONDS = 86_400;
/** Samples of one sidecar's /metrics/, and what a partition adds to them. */
const SIDECAR_SERIES = 330;
const PARTITION_SERIES = 7;
const RATES = [1e6, 1e7];

const COSTS = measuredCosts(REPLICAS);
const PUBLISHER = publisherCapacity(COSTS, BATCH);
const STREAM = streamCapacity(COSTS, BATCH);
const SIDECAR = sidecarCapacity(COSTS, BATCH);

/** What a rate needs, from the capacities of one publisher, one stream and one sidecar. */
export interface Plan {
  readonly messagesPerSecond: number;
  readonly streams: number;
  readonly publishers: number;
  readonly sidecars: number;
  readonly partitions: number;
  readonly bytesPerSecond: number;
  readonly leaderBytesPerSecond: number;
  readonly diskBytesPerSecond: number;
  readonly dayBytes: number;
  readonly series: number;
}

export function planFor(rate: number): Plan {
  const streams = Math.ceil(rate / (LOAD * STREAM));
  const perStream = Math.max(FEWEST_SIDECARS, Math.ceil(rate / streams / (LOAD * SIDECAR)));
  const sidecars = streams * perStream;
  const partitions = streams * Math.max(PARTITIONS, 2 * perStream);
  const bytesPerSecond = rate * TRADE_BYTES;
  return {
    messagesPerSecond: rate / BATCH,
    streams,
    publishers: Math.ceil(rate / (LOAD * PUBLISHER)),
    sidecars,
    partitions,
    bytesPerSecond,
    // In once; out to the other replicas and to a sidecar.
    leaderBytesPerSecond: (bytesPerSecond / streams) * (1 + REPLICAS),
    diskBytesPerSecond: REPLICAS * bytesPerSecond,
    dayBytes: REPLICAS * bytesPerSecond * DAY_SECONDS,
    series: sidecars * SIDECAR_SERIES + partitions * PARTITION_SERIES,
  };
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toPrecision(3)} ${units[power]}`;
}

function millions(value: number): string {
  return `${(value / 1e6).toFixed(2)} M/s`;
}

/** What one of each can do, and the plan for 10⁶ and 10⁷ events a second, as a table in Markdown. */
export function paperTable(): string {
  const plans = RATES.map(planFor);
  const row = (what: string, how: string, read: (plan: Plan) => string): string =>
    `| ${[what, how, ...plans.map(read)].join(' | ')} |`;
  return [
    '| | from | 10⁶ events/s | 10⁷ events/s |',
    '| --- | --- | --- | --- |',
    row('messages/s', `λ / ${BATCH}`, (it) => count(it.messagesPerSecond)),
    row('streams, each with three servers', `λ / (${LOAD} · ${millions(STREAM)})`, (it) => count(it.streams)),
    row('publishers', `λ / (${LOAD} · ${millions(PUBLISHER)})`, (it) => count(it.publishers)),
    row('sidecars', `at least ${FEWEST_SIDECARS} a stream; λ / (${LOAD} · ${millions(SIDECAR)})`, (it) =>
      count(it.sidecars),
    ),
    row('partitions', `${PARTITIONS} a stream, or 2 a sidecar`, (it) => count(it.partitions)),
    row('events on the network', `λ · ${TRADE_BYTES} B`, (it) => `${bytes(it.bytesPerSecond)}/s`),
    row('a leader’s network, in and out', `4 · its share`, (it) => `${bytes(it.leaderBytesPerSecond)}/s`),
    row(
      'written to disks',
      `${REPLICAS} · λ · ${TRADE_BYTES} B`,
      (it) => `${bytes(it.diskBytesPerSecond)}/s`,
    ),
    row('kept for a day', `· ${count(DAY_SECONDS)} s`, (it) => bytes(it.dayBytes)),
    row('Prometheus series', `${SIDECAR_SERIES} a sidecar + ${PARTITION_SERIES} a partition`, (it) =>
      count(it.series),
    ),
  ].join('\n');
}
