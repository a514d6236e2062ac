import type { ByPeer, CostResult, Measured, ProductRow } from './bench-report.js';
import { medianRatio, type Spread } from './spread.js';
import { FLAT_WITHIN_BYTES, growthBytes } from './targets.js';

/** A ratio (the median over the rounds; NaN when one of the two was not measured) and its limit, if it has one. */
interface Part {
  readonly ratio: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const ARRAYS = 'arrays of 256';
const SINGLE = 'one event a message';
const NOT_MEASURED = '–';

/** Three digits: further ones change from run to run. */
const whole = (value: number): string => Number(value.toPrecision(3)).toLocaleString('en');
const micros = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const whenMeasured = (value: number, text: (value: number) => string): string =>
  Number.isNaN(value) ? NOT_MEASURED : text(value);
const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** The medians one after the other, as one cell. */
function cell(spreads: readonly (Spread | undefined)[], text: (value: number) => string): string {
  return spreads.map((it) => whenMeasured(it?.median ?? Number.NaN, text)).join(' / ');
}

const ratioOf = (values: Spread | undefined, base: Spread | undefined): number =>
  medianRatio(values?.samples ?? [], base?.samples ?? []);

function isReached({ ratio, atLeast = 0, atMost = Number.POSITIVE_INFINITY }: Part): boolean {
  return ratio >= atLeast && ratio <= atMost;
}

const hasLimit = ({ atLeast, atMost }: Part): boolean => atLeast !== undefined || atMost !== undefined;

function verdictOf(parts: readonly Part[]): string {
  const verdicts = parts
    .filter(hasLimit)
    .map((part) => (Number.isNaN(part.ratio) ? 'not measured' : isReached(part) ? 'reached' : 'missed'));
  return new Set(verdicts).size === 1 ? (verdicts[0] ?? '') : verdicts.join(' / ');
}

function limitOf({ atLeast, atMost }: Part): string {
  if (atLeast !== undefined) return `≥ ${atLeast.toFixed(2)}`;
  return atMost === undefined ? '–' : `≤ ${atMost.toFixed(2)}`;
}

function row(figure: string, parts: readonly Part[], rate: string, cpuMicros: string): ProductRow {
  return {
    figure,
    must: parts.map(limitOf).join(' / '),
    reached: parts.map(({ ratio }) => whenMeasured(ratio, (value) => value.toFixed(2))).join(' / '),
    verdict: verdictOf(parts),
    rate,
    cpuMicros,
  };
}

const beside = (ours: string, name: string, theirs: string): string => `${ours}; ${name} ${theirs}`;

const cost = (feed: ByPeer<CostResult>): number =>
  ratioOf(feed['sidecar-bare']?.cpuMicros, feed['sidecar']?.cpuMicros);

const speed = (ours: ByPeer<CostResult>, theirs: ByPeer<CostResult>): number =>
  ratioOf(ours['sidecar']?.perSecond, theirs['sidecar-original']?.perSecond);

function intakeRows(intake: NonNullable<Measured['intake']>): ProductRow[] {
  const { [ARRAYS]: arrays = {}, [SINGLE]: single = {} } = intake;
  const rates = (peer: string) => cell([arrays[peer]?.perSecond, single[peer]?.perSecond], whole);
  const cpu = (peer: string) => cell([arrays[peer]?.cpuMicros, single[peer]?.cpuMicros], micros);
  return [
    row(
      `sidecar, ${ARRAYS} / ${SINGLE}: processor time, bare loop ÷ ours`,
      [
        { ratio: cost(arrays), atLeast: 0.3 },
        { ratio: cost(single), atLeast: 0.6 },
      ],
      beside(rates('sidecar'), 'bare', rates('sidecar-bare')),
      beside(cpu('sidecar'), 'bare', cpu('sidecar-bare')),
    ),
    // The original could send only one event a message: its figure for arrays is shown, but is no target.
    row(
      `sidecar, events a second ÷ original design: ${ARRAYS} / ${SINGLE} / arrays, if the original took them`,
      [
        { ratio: speed(arrays, single), atLeast: 30 },
        { ratio: speed(single, single), atLeast: 10 },
        { ratio: speed(arrays, arrays) },
      ],
      beside(rates('sidecar'), 'original', rates('sidecar-original')),
      beside(cpu('sidecar'), 'original', cpu('sidecar-original')),
    ),
  ];
}

const rateOf = (it: CostResult | undefined): string => cell([it?.perSecond], whole);
const cpuOf = (it: CostResult | undefined): string => cell([it?.cpuMicros], micros);

function postRows(posts: NonNullable<Measured['posts']>): ProductRow[] {
  const { publisher: ours, 'publisher-bare': bare, 'publisher-original': original } = posts;
  const fast = posts['publisher-original-uvloop'];
  return [
    row(
      'post: processor time, bare Fastify route and PUSH ÷ the publisher',
      [{ ratio: ratioOf(bare?.cpuMicros, ours?.cpuMicros), atLeast: 0.65 }],
      beside(rateOf(ours), 'bare', rateOf(bare)),
      beside(cpuOf(ours), 'bare', cpuOf(bare)),
    ),
    row(
      'posts a second ÷ original design / ÷ the same on uvloop and httptools',
      [
        { ratio: ratioOf(ours?.perSecond, original?.perSecond), atLeast: 7 },
        { ratio: ratioOf(ours?.perSecond, fast?.perSecond) },
      ],
      beside(rateOf(ours), 'original', `${rateOf(original)} / ${rateOf(fast)}`),
      beside(cpuOf(ours), 'original', `${cpuOf(original)} / ${cpuOf(fast)}`),
    ),
  ];
}

function oneWayRows(oneWay: NonNullable<Measured['oneWay']>): ProductRow[] {
  const rates = (...peers: string[]) =>
    cell(
      peers.map((it) => oneWay[it]?.eventsPerSecond),
      whole,
    );
  // Seconds a million are microseconds an event.
  const cpu = (...peers: string[]) =>
    cell(
      peers.map((it) => oneWay[it]?.cpuSecondsPerMillion),
      micros,
    );
  const ratio = (peer: string, base: string) =>
    ratioOf(oneWay[peer]?.eventsPerSecond, oneWay[base]?.eventsPerSecond);
  return [
    row(
      'transport alone, `@EventPattern` / `@BatchEventPattern` ÷ bare loop',
      [
        { ratio: ratio('zmq', 'bare'), atLeast: 0.45 },
        { ratio: ratio('zmq-batch', 'bare'), atLeast: 0.8 },
      ],
      beside(rates('zmq', 'zmq-batch'), 'bare', rates('bare')),
      beside(cpu('zmq', 'zmq-batch'), 'bare', cpu('bare')),
    ),
    row(
      'durable with flush ÷ unacknowledged, batches',
      [{ ratio: ratio('zmq-durable-batch', 'zmq-batch'), atLeast: 0.65 }],
      beside(rates('zmq-durable-batch'), 'unacknowledged', rates('zmq-batch')),
      beside(cpu('zmq-durable-batch'), 'unacknowledged', cpu('zmq-batch')),
    ),
  ];
}

/** By the concurrency. */
const REQUESTS_AT_LEAST: Readonly<Record<string, number>> = {
  'concurrency 1': 0.8,
  'concurrency 10': 0.65,
  'concurrency 100': 0.45,
};

function requestRow(requests: NonNullable<Measured['requests']>): ProductRow {
  const names = Object.keys(REQUESTS_AT_LEAST);
  const of = (name: string, peer: string) => requests[name]?.[peer];
  const rates = (peer: string) =>
    cell(
      names.map((it) => of(it, peer)?.requestsPerSecond),
      whole,
    );
  const cpu = (peer: string) =>
    cell(
      names.map((it) => of(it, peer)?.cpuMicros),
      micros,
    );
  return row(
    'requests ÷ bare DEALER/ROUTER, concurrency 1 / 10 / 100',
    names.map((it) => ({
      ratio: ratioOf(of(it, 'zmq-request')?.requestsPerSecond, of(it, 'bare-request')?.requestsPerSecond),
      atLeast: REQUESTS_AT_LEAST[it] ?? 0,
    })),
    beside(rates('zmq-request'), 'bare', rates('bare-request')),
    beside(cpu('zmq-request'), 'bare', cpu('bare-request')),
  );
}

function latencyRow(latency: NonNullable<Measured['latency']>): ProductRow {
  const { zmq, bare, tcp } = latency;
  const times = (it: typeof zmq) => cell([it?.p50, it?.p99], whole);
  return row(
    'one-way latency at 5,000/s, p50 / p99 ÷ bare, p50 / p99 ÷ Nest TCP',
    [
      { ratio: ratioOf(zmq?.p50, bare?.p50), atMost: 1.1 },
      { ratio: ratioOf(zmq?.p99, bare?.p99), atMost: 1.1 },
      { ratio: ratioOf(zmq?.p50, tcp?.p50), atMost: 1 },
      { ratio: ratioOf(zmq?.p99, tcp?.p99), atMost: 1 },
    ],
    `${times(zmq)} µs; bare ${times(bare)}, TCP ${times(tcp)}`,
    '',
  );
}

function emitRow(emit: NonNullable<Measured['emit']>): ProductRow {
  const { emit: ours, 'emit-prom-client': prom, 'emit-hot-shots': statsd } = emit;
  const besides = (text: (it: CostResult | undefined) => string): string =>
    `${text(ours)}; prom-client ${text(prom)}, hot-shots ${text(statsd)}`;
  return row(
    '`emit` in its producer: processor time ÷ prom-client in the same process / ÷ hot-shots',
    [
      { ratio: ratioOf(ours?.cpuMicros, prom?.cpuMicros), atMost: 1 },
      { ratio: ratioOf(ours?.cpuMicros, statsd?.cpuMicros), atMost: 0.12 },
    ],
    besides(rateOf),
    besides(cpuOf),
  );
}

function memoryRow(memory: NonNullable<Measured['memory']>): ProductRow {
  const growth = growthBytes(memory);
  const events = (memory.samples.at(-1)?.events ?? 0).toLocaleString('en');
  return {
    figure: `memory over ${events} events`,
    must: `flat, within ${mebibytes(FLAT_WITHIN_BYTES)}`,
    reached: `${mebibytes(growth)} more`,
    verdict: growth <= FLAT_WITHIN_BYTES ? 'reached' : 'missed',
    rate: '',
    cpuMicros: '',
  };
}

/** The product as it ships and its transport: what each figure must reach. A figure that was not measured has no row. */
export function productRows({
  intake,
  posts,
  emit,
  oneWay,
  latency,
  requests,
  memory,
}: Measured): ProductRow[] {
  return [
    ...(intake ? intakeRows(intake) : []),
    ...(posts ? postRows(posts) : []),
    ...(emit ? [emitRow(emit)] : []),
    ...(oneWay ? oneWayRows(oneWay) : []),
    ...(requests ? [requestRow(requests)] : []),
    ...(latency ? [latencyRow(latency)] : []),
    ...(memory ? [memoryRow(memory)] : []),
  ];
}
