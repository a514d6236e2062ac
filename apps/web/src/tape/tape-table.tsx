import { memo } from 'react';
import { formatDuration, formatQty, formatTime } from '../format/figures.js';
import { SideMark } from '../ui/side-mark.js';
import { StatusMark } from './status-mark.js';
import type { ShownRow } from './tape.filter.js';

const CELL = 'px-2 py-0.5 whitespace-nowrap';

/** Equal when every shown value is equal: rows are rebuilt ten times a second, and few of them change. */
function isSameRow({ row: a }: RowProps, { row: b }: RowProps): boolean {
  return (
    a.key === b.key &&
    a.status === b.status &&
    a.mine === b.mine &&
    a.reason === b.reason &&
    a.latencySeconds === b.latencySeconds
  );
}

interface RowProps {
  readonly row: ShownRow;
}

const Row = memo(function Row({ row }: RowProps) {
  return (
    <tr data-status={row.status} className="border-b border-line/60 hover:bg-panel-2">
      <td className={`${CELL} font-mono text-ink-2`}>
        {formatTime(row.ts)}
        {row.mine && <span className="sr-only"> posted here</span>}
        {row.mine && (
          <span aria-hidden="true" title="Posted from this page" className="ml-1 text-ink">
            •
          </span>
        )}
      </td>
      <td className={CELL}>
        <SideMark side={row.side} />
      </td>
      <td className={`${CELL} max-w-40 truncate text-right font-mono`}>{formatQty(row.qty)}</td>
      <td className={CELL}>
        <StatusMark status={row.status} />
      </td>
      <td className={`${CELL} text-right font-mono`}>
        {row.latencySeconds === undefined ? '' : formatDuration(row.latencySeconds)}
      </td>
      <td className="w-full max-w-0 truncate px-2 py-0.5 text-ink-2" title={row.reason}>
        {row.reason}
      </td>
    </tr>
  );
}, isSameRow);

/** The rows themselves. */
export function TapeTable({ rows }: { readonly rows: readonly ShownRow[] }) {
  const head = `${CELL} py-1 text-left font-medium`;
  return (
    <table className="w-full text-sm" data-testid="tape">
      <caption className="sr-only">Events, newest first, and what became of each</caption>
      <thead className="sticky top-0 z-10 bg-panel text-xs text-ink-2 shadow-[0_1px_0_var(--line)]">
        <tr>
          <th scope="col" className={head}>
            Time
          </th>
          <th scope="col" className={head}>
            Side
          </th>
          <th scope="col" className={`${head} text-right`}>
            Quantity
          </th>
          <th scope="col" className={head}>
            Status
          </th>
          <th scope="col" className={`${head} text-right`}>
            Latency
          </th>
          <th scope="col" className={head}>
            Reason
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.key} row={row} />
        ))}
      </tbody>
    </table>
  );
}
