import { formatCount, formatDuration, formatShort, formatSpan } from '../format/figures.js';
import { quantileOf, totalOf, type BucketCounts } from './bucket-history.js';
import type { LatencySummary } from './latency-client.js';
import type { LatencyView } from './use-latency.js';
import { QUANTILES } from './time-columns.js';

interface Row {
  readonly name: string;
  readonly source: string;
  readonly span: string;
  readonly count: number;
  readonly read: (quantile: number) => number | undefined;
  readonly isPart?: boolean;
}

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

function estimated(counts: BucketCounts): Pick<Row, 'count' | 'read'> {
  return { count: totalOf(counts), read: (quantile) => quantileOf(counts, quantile) };
}

function told({ count, quantiles }: LatencySummary): Pick<Row, 'count' | 'read'> {
  return { count, read: (quantile) => quantiles[String(quantile)] ?? undefined };
}

/** The sidecar's own figures over the whole chosen time span; none while it does not answer. */
function exactRows({ exact, gaps }: LatencyView, span: string): Row[] {
  const row = (name: string, summary: LatencySummary): Row => ({
    name,
    source: 'sidecar',
    span: summary.complete === false ? `${span}, in part` : span,
    ...told(summary),
  });
  return [...(exact ? [row(WAY, exact)] : []), ...(gaps ? [row(GAPS, gaps)] : [])];
}

/** The whole and its stages by the same readings of the same buckets, so that they can be compared. */
function estimatedRows(view: LatencyView): Row[] {
  const { whole, interarrival, stages, gaps, readSeconds, reader } = view;
  const span = formatSpan(readSeconds);
  const source = reader === 'page' ? 'sidecar' : reader;
  return [
    { name: WAY, source, span, ...estimated(whole) },
    ...stages.map(({ title, app, isPart, counts, needs }) => ({
      name: title,
      source: app,
      span: needs !== undefined && totalOf(counts) === 0 && totalOf(whole) > 0 ? `needs ${needs}` : span,
      isPart,
      ...estimated(counts),
    })),
    ...(gaps ? [] : [{ name: GAPS, source, span, ...estimated(interarrival.distribution) }]),
  ];
}

const WAY = 'emitted → received';
const GAPS = 'between trades';

function groupsOf(view: LatencyView, span: string): Group[] {
  const by = view.reader === 'page' ? 'read since this page was opened' : 'by Prometheus';
  const groups = [
    { title: 'Exact', rows: exactRows(view, span) },
    { title: `By stage, estimated from histogram buckets: ${by}`, rows: estimatedRows(view) },
  ];
  return groups.filter(({ rows }) => rows.length > 0);
}

const CELL = 'px-3 py-1 text-right';
const NAMES = QUANTILES.map((quantile) => `p${Number((quantile * 100).toFixed(1))}`);

/**
 * Percentiles of the whole way and of its stages. Each row says which app measures it, and over which time.
 *
 * @param span the chosen time span, in words
 */
export function QuantileTable({ view, span }: { readonly view: LatencyView; readonly span: string }) {
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Percentiles">
      <table role="table" className="desk-cards w-full" data-testid="quantiles">
        <thead role="rowgroup" className="text-xs text-ink-2">
          <tr role="row">
            {['Stage', 'Measured by', 'Over the last'].map((name) => (
              <th
                key={name}
                role="columnheader"
                scope="col"
                className="px-3 py-1 text-left font-medium whitespace-nowrap"
              >
                {name}
              </th>
            ))}
            {[...NAMES, 'Trades'].map((name) => (
              <th key={name} role="columnheader" scope="col" className={`${CELL} font-medium`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        {groupsOf(view, span).map(({ title, rows }) => (
          <tbody key={title} role="rowgroup">
            <tr role="row" className="border-t border-line bg-panel-2/50">
              <th
                role="rowheader"
                scope="rowgroup"
                colSpan={8}
                className="px-3 py-1 text-left text-xs font-medium text-ink-2"
              >
                {title}
              </th>
            </tr>
            {rows.map((row) => (
              <QuantileRow key={row.name} row={row} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function QuantileRow({ row }: { readonly row: Row }) {
  return (
    <tr role="row" className="grid-cols-5 gap-x-2 border-t border-line">
      <th
        role="rowheader"
        scope="row"
        className={`col-span-2 py-1 pr-3 text-left font-normal whitespace-nowrap ${row.isPart ? 'pl-7' : 'pl-3'}`}
      >
        {row.name}
      </th>
      <td role="cell" className="px-3 py-1 text-ink-2 max-sm:text-right max-sm:text-xs">
        {row.source}
      </td>
      <td
        role="cell"
        className="col-span-2 px-3 py-1 text-ink-2 max-sm:text-right max-sm:text-xs sm:whitespace-nowrap"
      >
        {row.span}
      </td>
      {QUANTILES.map((quantile, index) => (
        <td
          key={quantile}
          role="cell"
          data-label={NAMES[index]}
          className={`${CELL} whitespace-nowrap max-sm:text-left`}
        >
          {formatDuration(row.read(quantile))}
        </td>
      ))}
      <td role="cell" data-label="Trades" className={CELL}>
        {formatCount(Math.round(row.count))}
      </td>
    </tr>
  );
}

/** How regularly trades come: one number and a word for it, with the time that it covers. */
export function Burstiness({ value, span }: { readonly value: number | undefined; readonly span: string }) {
  if (value === undefined || !Number.isFinite(value))
    return <>Burstiness: too few trades in the last {span}</>;
  const word = value < -0.1 ? 'regular' : value > 0.1 ? 'in bursts' : 'random';
  return (
    <>
      Burstiness of the last {span}: <span className="text-ink">{formatShort(value)}</span>, {word} (−1
      regular, 0 random, 1 in bursts)
    </>
  );
}
