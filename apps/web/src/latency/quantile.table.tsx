import { formatCount, formatShort } from '../format/number.format.js';
import { formatDuration } from '../format/time.format.js';
import { quantileOf, totalOf, type BucketCounts } from './bucket.history.js';
import type { LatencySummary } from './latency.client.js';
import type { LatencyView } from './use.latency.js';
import { QUANTILES } from './time.columns.js';

interface Stage {
  readonly name: string;
  readonly count: number;
  readonly read: (quantile: number) => number | undefined;
  readonly note?: string;
}

function estimated(name: string, counts: BucketCounts): Stage {
  return {
    name,
    count: totalOf(counts),
    read: (quantile) => quantileOf(counts, quantile),
    note: 'estimated from buckets',
  };
}

function told(name: string, { count, quantiles }: LatencySummary): Stage {
  return { name, count, read: (quantile) => quantiles[String(quantile)] ?? undefined };
}

function stagesOf({ exact, gaps, latency, interarrival, stages }: LatencyView): Stage[] {
  const [way, between] = ['emitted → received', 'between events'];
  const parts = stages.filter(({ counts }) => totalOf(counts) > 0);
  return [
    exact ? told(way, exact) : estimated(way, latency.distribution),
    ...parts.map(({ title, counts }) => estimated(title, counts)),
    gaps ? told(between, gaps) : estimated(between, interarrival.distribution),
  ];
}

/** Percentiles of each stage of the way, and of the times between events. */
export function QuantileTable({ view }: { readonly view: LatencyView }) {
  const rows = stagesOf(view);
  const cell = 'px-3 py-1 text-right';
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Percentiles">
      <table className="w-full" data-testid="quantiles">
        <thead className="text-xs text-ink-2">
          <tr>
            <th scope="col" className="px-3 py-1 text-left font-medium">
              Stage
            </th>
            {QUANTILES.map((quantile) => (
              <th key={quantile} scope="col" className={`${cell} font-medium`}>
                p{Number((quantile * 100).toFixed(1))}
              </th>
            ))}
            <th scope="col" className={`${cell} font-medium`}>
              Events
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name} className="border-t border-line">
              <th scope="row" className="px-3 py-1 text-left font-normal whitespace-nowrap">
                {row.name} {row.note && <span className="text-xs text-ink-2">({row.note})</span>}
              </th>
              {QUANTILES.map((quantile) => (
                <td key={quantile} className={`${cell} font-mono whitespace-nowrap`}>
                  {formatDuration(row.read(quantile))}
                </td>
              ))}
              <td className={`${cell} font-mono`}>{formatCount(Math.round(row.count))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How regular the events come, by one number and the word for it. */
export function Burstiness({ value }: { readonly value: number | undefined }) {
  if (value === undefined || !Number.isFinite(value))
    return <>Burstiness: not enough events, or not measured by this sidecar</>;
  const word = value < -0.1 ? 'regular' : value > 0.1 ? 'in bursts' : 'random';
  return (
    <>
      Burstiness <span className="font-mono text-ink">{formatShort(value)}</span> ({word}; −1 regular, 0
      random, 1 bursts)
    </>
  );
}
