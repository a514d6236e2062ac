import type { MemoryFigure } from '../figures/memory-figure.js';
import type { ByPeer, Measured, TargetVerdict } from './bench-report.js';
import { medianRatio, type Spread } from './spread.js';

/** Memory that may vary with garbage collections and does not count as growth. */
export const FLAT_WITHIN_BYTES = 32 * 2 ** 20;
/** The outbox's bound of 64 MiB of encoded events, twice over for the objects around them. */
const BOUNDED_WITHIN_BYTES = 128 * 2 ** 20;

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** A ratio that must not be under (or, for times, over) its limit; nothing when one of the two was not measured. */
function compare<Result>(
  results: ByPeer<Result> | undefined,
  [name, baseName]: readonly [string, string],
  valueOf: (result: Result) => Spread,
  limit: Readonly<{ figure: string; base: string; atLeast?: number; atMost?: number }>,
): TargetVerdict[] {
  const [result, base] = [results?.[name], results?.[baseName]];
  if (result === undefined || base === undefined) return [];
  const ratio = medianRatio(valueOf(result).samples, valueOf(base).samples);
  const { figure, atLeast = 0, atMost = Number.POSITIVE_INFINITY } = limit;
  const must = limit.atLeast === undefined ? `≤ ${atMost} × ${limit.base}` : `≥ ${atLeast} × ${limit.base}`;
  return [{ figure, must, reached: `${ratio.toFixed(2)} ×`, pass: ratio >= atLeast && ratio <= atMost }];
}

const rate = (result: { readonly eventsPerSecond: Spread }): Spread => result.eventsPerSecond;

function throughputTargets({ applied, oneWay }: Measured): TargetVerdict[] {
  const single = 'emit → @EventPattern';
  const batch = 'emit → @BatchEventPattern';
  return [
    ...compare(oneWay, ['zmq', 'tcp'], rate, { figure: single, base: 'Nest TCP', atLeast: 7 }),
    ...compare(oneWay, ['zmq-batch', 'tcp'], rate, { figure: batch, base: 'Nest TCP', atLeast: 16 }),
    ...deliveryTargets(oneWay, single, 'zmq', ''),
    ...deliveryTargets(oneWay, batch, 'zmq-batch', '-batch'),
    ...compare(oneWay, ['jetstream-batch', 'zmq-acknowledged-batch'], rate, {
      figure: `${batch}, through JetStream`,
      base: 'acknowledged',
      atLeast: 0.8,
    }),
    ...compare(applied, ['applied-jetstream', 'applied-acknowledged'], (it) => it.perSecond, {
      figure: 'emit → the metrics of the built sidecar, through JetStream',
      base: 'acknowledged',
      atLeast: 0.8,
    }),
    ...compare(oneWay, ['jetstream-batch', 'nats'], rate, {
      figure: `${batch}, through JetStream`,
      base: 'Nest NATS',
      atLeast: 5,
    }),
  ];
}

function deliveryTargets(
  oneWay: Measured['oneWay'],
  figure: string,
  unacknowledged: string,
  suffix: string,
): TargetVerdict[] {
  const base = 'unacknowledged';
  return [
    ...compare(oneWay, [`zmq-acknowledged${suffix}`, unacknowledged], rate, {
      figure: `${figure}, acknowledged`,
      base,
      atLeast: 0.5,
    }),
    ...compare(oneWay, [`zmq-durable${suffix}`, unacknowledged], rate, {
      figure: `${figure}, spooled with flush`,
      base,
      atLeast: 0.25,
    }),
  ];
}

function latencyTargets({ latency }: Measured): TargetVerdict[] {
  return (['p50', 'p99'] as const).flatMap((quantile) => {
    const figure = `one-way latency at 5,000/s, ${quantile}`;
    return [
      ...compare(latency, ['zmq', 'tcp'], (it) => it[quantile], { figure, base: 'Nest TCP', atMost: 1 }),
      ...compare(latency, ['zmq', 'bare'], (it) => it[quantile], {
        figure,
        base: 'the bare loop',
        atMost: 2,
      }),
    ];
  });
}

function requestTargets({ requests = {} }: Measured): TargetVerdict[] {
  return Object.entries(requests).flatMap(([callers, results]) =>
    compare(results, ['zmq-request', 'tcp-nodelay'], (it) => it.requestsPerSecond, {
      figure: `request-response, ${callers}`,
      base: 'Nest TCP with TCP_NODELAY',
      atLeast: 1.5,
    }),
  );
}

/** Growth from the second sample on: up to there the heap finds its size. */
export function growthBytes(memory: MemoryFigure): number {
  const bytes = memory.samples.map((sample) => Math.max(sample.producerBytes, sample.consumerBytes));
  return (bytes.at(-1) ?? Number.NaN) - (bytes[1] ?? Number.NaN);
}

function memoryTargets({ memory }: Measured): TargetVerdict[] {
  if (memory === undefined) return [];
  const growth = growthBytes(memory);
  const { queuedEvents, refused, grownBytes, emitted } = memory.away;
  return [
    {
      figure: `memory over ${(memory.samples.at(-1)?.events ?? 0).toLocaleString('en')} events`,
      must: `flat, within ${mebibytes(FLAT_WITHIN_BYTES)}`,
      reached: `${mebibytes(growth)} more at the end`,
      pass: growth <= FLAT_WITHIN_BYTES,
    },
    {
      figure: 'memory while the peer is away',
      must: `bounded, within ${mebibytes(BOUNDED_WITHIN_BYTES)}`,
      reached: `${mebibytes(grownBytes)} more after ${emitted.toLocaleString('en')} events: ${queuedEvents} kept, ${refused} refused`,
      pass: grownBytes <= BOUNDED_WITHIN_BYTES && refused > 0,
    },
  ];
}

/** What the transport must reach, for each figure that was measured. A ratio is the median over the rounds. */
export function targetVerdicts(measured: Measured): TargetVerdict[] {
  return [
    ...throughputTargets(measured),
    ...latencyTargets(measured),
    ...requestTargets(measured),
    ...memoryTargets(measured),
  ];
}
