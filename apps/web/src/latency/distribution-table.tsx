import { formatCount, formatDuration, formatShare } from '../format/figures.js';
import { Empty } from '../ui/panel.js';
import { totalOf, type BucketCounts } from './bucket-history.js';

interface DistributionProps {
  readonly caption: string;
  readonly distribution: BucketCounts;
  readonly nothing: string;
}

/** The buckets from the first to the last that holds anything. */
function occupied({ bounds, counts }: BucketCounts): { bound: number; lower: number; count: number }[] {
  const first = counts.findIndex((count) => count > 0);
  const last = counts.findLastIndex((count) => count > 0);
  return bounds
    .map((bound, index) => ({ bound, lower: bounds[index - 1] ?? 0, count: counts[index] ?? 0 }))
    .slice(Math.max(0, first), last + 1);
}

function rangeOf(lower: number, bound: number): string {
  return Number.isFinite(bound) ? `≤ ${formatDuration(bound)}` : `> ${formatDuration(lower)}`;
}

/** A histogram as a table with bars: readable by eye and by ear. */
export function DistributionTable({ caption, distribution, nothing }: DistributionProps) {
  const total = totalOf(distribution);
  if (total === 0) return <Empty>{nothing}</Empty>;
  const largest = Math.max(...distribution.counts);
  return (
    <table className="mb-2 w-full flex-1 text-sm">
      <caption className="sr-only">{caption}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">Up to</th>
          <th scope="col">Share</th>
          <th scope="col">Trades</th>
        </tr>
      </thead>
      <tbody>
        {occupied(distribution).map(({ bound, lower, count }) => (
          <tr key={bound}>
            <th
              scope="row"
              className="w-px px-3 py-px text-right text-xs font-normal whitespace-nowrap text-ink-2"
            >
              {rangeOf(lower, bound)}
            </th>
            <td className="py-px">
              <svg width="100%" height="12" aria-hidden="true">
                <rect width={`${(count / largest) * 100}%`} height="12" rx="1" className="fill-accent" />
              </svg>
              <span className="sr-only">{formatShare(count / total)}</span>
            </td>
            <td className="w-px px-3 py-px text-right text-xs whitespace-nowrap">
              {formatCount(Math.round(count))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
