import type { ByPeer, CostResult, Measured, ProductRow } from './bench.report.js';
import { medianRatio, type Spread } from './spread.js';
import { FLAT_WITHIN_BYTES, growthBytes } from './targets.js';

/** A ratio (the median over the rounds; NaN when one of the two was not measured) and its limit. */
interface Part {
  readonly ratio: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

const NOT_MEASURED = '–';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
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

function verdictOf(parts: readonly Part[]): string {
  const verdicts = parts.map((part) =>
    Number.isNaN(part.ratio) ? 'not measured' : isReached(part) ? 'reached' : 'missed',
  );
  return new Set(verdicts).size === 1 ? (verdicts[0] ?? '') : verdicts.join(' / ');
}

function row(figure: string, parts: readonly Part[], rate: string, cpuMicros: string): ProductRow {
  return {
    figure,
    must: parts
      .map(({ atLeast, atMost }) =>
        atLeast === undefined ? `≤ ${atMost?.toFixed(2)}` : `≥ ${atLeast.toFixed(2)}`,
      )
      .join(' / '),
    reached: parts.map(({ ratio }) => whenMeasured(ratio, (value) => value.toFixed(2))).join(' / '),
    verdict: verdictOf(parts),
    rate,
    cpuMicros,
  };
}

const beside = (ours: string, name: string, theirs: string): string => `${ours}; ${name} ${theirs}`;

function intakeRows(intake: NonNullable<Measured['intake']>): ProductRow[] {
  const feeds = Object.values(intake);
  const rates = (peer: string) =>
    cell(
      feeds.map((it) => it[peer]?.perSecond),
      whole,
    );
  const cpu = (peer: string) =>
    cell(
      feeds.map((it) => it[peer]?.cpuMicros),
      micros,
    );
  const limits = (least: readonly number[], ratio: (feed: ByPeer<CostResult>) => number): Part[] =>
    feeds.map((feed, index) => ({ ratio: ratio(feed), atLeast: least[index] ?? 0 }));
  return [
    row(
      'sidecar, arrays of 256 / one event a message: processor time, bare loop ÷ ours',
      limits([0.3, 0.6], (it) => ratioOf(it['sidecar-bare']?.cpuMicros, it['sidecar']?.cpuMicros)),
      beside(rates('sidecar'), 'bare', rates('sidecar-bare')),
      beside(cpu('sidecar'), 'bare', cpu('sidecar-bare')),
    ),
    row(
      'sidecar, arrays of 256 / one event a message: events a second, ours ÷ original design',
      limits([30, 10], (it) => ratioOf(it['sidecar']?.perSecond, it['sidecar-original']?.perSecond)),
      beside(rates('sidecar'), 'original', rates('sidecar-original')),
      beside(cpu('sidecar'), 'original', cpu('sidecar-original')),
    ),
  ];
}

function postRows(posts: NonNullable<Measured['posts']>): ProductRow[] {
  const { publisher: ours, 'publisher-bare': bare, 'publisher-original': original } = posts;
  const rates = (it: CostResult | undefined) => cell([it?.perSecond], whole);
  const cpu = (it: CostResult | undefined) => cell([it?.cpuMicros], micros);
  return [
    row(
      'post: processor time, bare Fastify route and PUSH ÷ the publisher',
      [{ ratio: ratioOf(bare?.cpuMicros, ours?.cpuMicros), atLeast: 0.65 }],
      beside(rates(ours), 'bare', rates(bare)),
      beside(cpu(ours), 'bare', cpu(bare)),
    ),
    row(
      'post: posts a second, ours ÷ original design',
      [{ ratio: ratioOf(ours?.perSecond, original?.perSecond), atLeast: 7 }],
      beside(rates(ours), 'original', rates(original)),
      beside(cpu(ours), 'original', cpu(original)),
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
    besides((it) => cell([it?.perSecond], whole)),
    besides((it) => cell([it?.cpuMicros], micros)),
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

/** The rows as a table in Markdown, with where and when they were measured. */
export function productMarkdown(
  rows: readonly ProductRow[],
  { parts = {} }: Pick<Measured, 'parts'>,
): string {
  const lines = rows.map(
    (it) => `| ${it.figure} | ${it.must} | ${it.reached} | ${it.verdict} | ${it.rate} | ${it.cpuMicros} |`,
  );
  const measured = Object.entries(parts).map(([figure, { machine, settings }]) => {
    const day = machine.date.slice(0, 10);
    return `${figure} ${day}, ${settings.rounds} rounds, load before ${machine.loadBefore}`;
  });
  const [first] = Object.values(parts);
  const where = first && `${first.machine.cpu}, ${first.machine.cores} cores, Node ${first.machine.node}`;
  return [
    '| figure | must reach | reached | | rate (a second) | processor time of one, µs |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
    ...(where === undefined ? [] : [`${where}; ${measured.join('; ')}.`]),
  ].join('\n');
}
