import { PEER_LABELS } from '../peers/peer-info.js';
import type { BenchReport, ByPeer, CostResult, ProductRow } from './bench-report.js';
import { METHOD } from './method.js';
import { medianRatio, type Spread } from './spread.js';

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const range = ({ min, max }: Spread): string => `${whole(min)} – ${whole(max)}`;
const label = (peer: string): string => PEER_LABELS[peer] ?? peer;

/** One table of the report; its first column is text, the others are mostly figures. */
interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Lines up columns: the first to the left, the others to the right. */
function columns({ header, rows }: Table): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return all.map(line).join('\n');
}

function markdown({ header, rows }: Table): string {
  return [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function ratioTo<Result>(
  base: Result | undefined,
  result: Result,
  samplesOf: (result: Result) => readonly number[],
): string {
  return base === undefined ? '' : `${medianRatio(samplesOf(result), samplesOf(base)).toFixed(2)} ×`;
}

function costTable(title: string, unit: string, results: ByPeer<CostResult> = {}): Table[] {
  const rows = Object.entries(results).map(([peer, { perSecond, cpuMicros }]) => [
    label(peer),
    whole(perSecond.median),
    range(perSecond),
    cpuMicros.median.toFixed(2),
  ]);
  const header = [title, `${unit}/s`, 'spread', 'CPU µs each'];
  return [{ header, rows }];
}

function productTable(product: readonly ProductRow[]): Table {
  return {
    header: [
      'the product and its transport',
      'must reach',
      'reached',
      '',
      'rate, a second',
      'processor time of one, µs',
    ],
    rows: product.map((it) => [it.figure, it.must, it.reached, it.verdict, it.rate, it.cpuMicros]),
  };
}

function costTables({ intake = {}, posts, emit, applied }: BenchReport): Table[] {
  return [
    ...Object.entries(intake).flatMap(([feed, results]) => costTable(`fed with ${feed}`, 'events', results)),
    ...costTable('posts, 64 connections', 'posts', posts),
    ...costTable('what a producer pays', 'events', emit),
    ...costTable('into the metrics of the built sidecar, all processes', 'events', applied),
  ];
}

function oneWayTable({ oneWay = {} }: BenchReport): Table[] {
  const rows = Object.entries(oneWay)
    .toSorted(([, a], [, b]) => b.eventsPerSecond.median - a.eventsPerSecond.median)
    .map(([peer, result]) => [
      label(peer),
      whole(result.eventsPerSecond.median),
      range(result.eventsPerSecond),
      ratioTo(oneWay['tcp'], result, (it) => it.eventsPerSecond.samples),
      result.cpuSecondsPerMillion.median.toFixed(1),
      whole(result.lost),
    ]);
  const header = ['one way', 'events/s', 'spread', 'to Nest TCP', 'CPU s/million', 'lost'];
  return [{ header, rows }];
}

function latencyTable({ latency = {} }: BenchReport): Table[] {
  const rows = Object.entries(latency).map(([peer, { p50, p99 }]) => [
    label(peer),
    whole(p50.median),
    range(p50),
    whole(p99.median),
    range(p99),
  ]);
  const header = ['one-way latency at 5,000/s, µs', 'p50', 'spread', 'p99', 'spread'];
  return [{ header, rows }];
}

function requestTables({ requests = {} }: BenchReport): Table[] {
  return Object.entries(requests).map(([callers, results]: [string, ByPeer<RequestRow>]) => {
    const base = results['tcp-nodelay'];
    const rows = Object.entries(results).map(([peer, result]) => [
      label(peer),
      whole(result.requestsPerSecond.median),
      range(result.requestsPerSecond),
      ratioTo(base, result, (it) => it.requestsPerSecond.samples),
      whole(result.p50.median),
      whole(result.p99.median),
    ]);
    const header = [
      `request-response, ${callers}`,
      'per second',
      'spread',
      'to TCP_NODELAY',
      'p50 µs',
      'p99 µs',
    ];
    return { header, rows };
  });
}

type RequestRow = NonNullable<BenchReport['requests']>[string][string];

function memoryTable({ memory }: BenchReport): Table[] {
  const rows = (memory?.samples ?? []).map((sample) => [
    whole(sample.events),
    mebibytes(sample.producerBytes),
    mebibytes(sample.consumerBytes),
  ]);
  return [{ header: ['resident memory, MiB, after events', 'producer', 'consumer'], rows }];
}

function targetTable({ targets }: BenchReport): Table[] {
  const rows = targets.map(({ figure, must, reached, pass }) => [
    figure,
    must,
    reached,
    pass ? 'reached' : 'missed',
  ]);
  return [{ header: ['must reach', 'target', 'this run', ''], rows }];
}

/** The tables that have rows, behind the first one. */
function detailTables(report: BenchReport): Table[] {
  const tables = [
    ...costTables(report),
    ...oneWayTable(report),
    ...latencyTable(report),
    ...requestTables(report),
    ...memoryTable(report),
    ...targetTable(report),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

function leftOut(report: BenchReport): string[] {
  return Object.entries(report.left).map(([peer, why]) => `${label(peer)}: ${why}`);
}

/** The report for people. Ratios compare runs of the same round and are medians over the rounds. */
export function reportText(report: BenchReport): string {
  const { machine, settings } = report;
  const left = leftOut(report);
  const { intake, posts, emit, applied, oneWay, latency, requests } = report;
  const isComparison = [intake, posts, emit, applied, oneWay, latency, requests].some(
    (it) => it !== undefined,
  );
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, load before ${machine.loadBefore}`,
    ...(isComparison
      ? [
          `${settings.rounds} rounds, ${settings.measureSeconds} s each after ${settings.warmUpSeconds} s of warm-up`,
        ]
      : []),
    ...(report.product.length === 0 ? [] : [columns(productTable(report.product))]),
    ...detailTables(report).map(columns),
    ...(left.length === 0 ? [] : [`not measured:\n${left.join('\n')}`]),
  ].join('\n\n');
}

/** When each part was measured, and where. */
function origin({ machine, parts = {} }: BenchReport): string {
  const rounds = new Set(Object.values(parts).map(({ settings }) => settings.rounds));
  const each = Object.entries(parts).map(([figure, part]) => {
    const { cpu, date, loadBefore } = part.machine;
    const elsewhere = cpu === machine.cpu ? '' : ` on ${cpu}`;
    const own = rounds.size === 1 ? '' : `, ${part.settings.rounds} rounds`;
    return `${figure} ${date.slice(0, 10)}${elsewhere}${own}, load ${loadBefore}`;
  });
  const medians = rounds.size === 1 ? `Medians of ${[...rounds].join()} rounds` : 'Medians';
  const where = `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}`;
  return `${medians}; ${where}${each.length === 0 ? '' : `, each with the load average before it: ${each.join('; ')}`}.`;
}

/** Targets and results in Markdown, and their source. */
export function summaryMarkdown(report: BenchReport): string {
  const header = ['figure', 'reached', 'target', 'result'];
  const rows = report.product.map((it) => [it.figure, it.reached, it.must, it.verdict]);
  return `${markdown({ header, rows })}\n\n${origin(report)}`;
}

/** A document of all tables. */
export function reportDocument(report: BenchReport): string {
  const left = leftOut(report);
  const parts = [
    '# The tables of the last run',
    'Written by `npm run bench`.',
    origin(report),
    METHOD,
    '## The figures',
    ...(report.product.length === 0 ? [] : [markdown(productTable(report.product))]),
    ...detailTables(report).map(markdown),
    ...(left.length === 0 ? [] : [`Not measured: ${left.join('; ')}.`]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** A document in which these tables, by name, replace the text between the marks of the same name. */
export function withTables(document: string, tables: Readonly<Record<string, string>>): string {
  const marks = /(<!-- (\w+): written by npm run bench -->\n)[^]*?(<!-- end of \2 -->)/g;
  return document.replace(marks, (whole, from: string, name: string, to: string) => {
    const table = tables[name];
    return table === undefined ? whole : `${from}\n${table}\n\n${to}`;
  });
}
