import { formatCount, formatShort } from '../format/number.format.js';
import { formatDuration } from '../format/time.format.js';
import { quantileOf, totalOf, type BucketCounts } from './bucket.history.js';
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

function stagesOf({ exact, latency, stages }: LatencyView): Stage[] {
  const name = 'emitted → received';
  const whole: Stage = exact
    ? { name, count: exact.count, read: (quantile) => exact.quantiles[String(quantile)] ?? undefined }
    : estimated(name, latency.distribution);
  const parts = stages
    .filter(({ counts }) => totalOf(counts) > 0)
    .map(({ title, counts }) => estimated(title, counts));
  return [whole, ...parts];
}

/** Percentiles of each stage of the way, and of the times between events. */
export function QuantileTable({ view }: { readonly view: LatencyView }) {
  const rows = [...stagesOf(view), estimated('between events', view.interarrival.distribution)];
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
  const word = value < -0.3 ? 'regular' : value > 0.3 ? 'in bursts' : 'random';
  return (
    <>
      Burstiness <span className="font-mono text-ink">{formatShort(value)}</span> ({word}; −1 regular, 0
      random, 1 bursts)
    </>
  );
}
