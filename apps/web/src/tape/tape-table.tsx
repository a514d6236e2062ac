import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { formatDuration, formatMoney, formatPrice, formatQty, formatTime } from '../format/figures.js';
import { useIsNarrow } from '../ui/is-narrow.js';
import { remPixels } from '../ui/rem-pixels.js';
import { SideMark } from '../ui/side-mark.js';
import { StatusMark } from './status-mark.js';
import { columnsOf, sizesOf, templateOf, type TapeColumn } from './tape-columns.js';
import { notionalOf, type TapeRow } from './tape-row.js';
import type { ShownRow } from './tape.filter.js';

const ROW_REM = 1.75;
const CARD_REM = 3.75;
const REASON_REM = 1.5;
const HEADS: Record<TapeColumn, string> = {
  time: 'Time',
  symbol: 'Symbol',
  side: 'Side',
  qty: 'Quantity',
  price: 'Price',
  notional: 'Notional',
  size: 'Size',
  status: 'Status',
  latency: 'Latency',
  reason: 'Reason',
};
const RIGHT = new Set<TapeColumn>(['qty', 'price', 'notional', 'latency']);
/** A card has two lines, and a third for a reason. */
const CARD_AREAS: Record<TapeColumn, string> = {
  side: 'col-start-1 row-start-1',
  symbol: 'col-start-2 row-start-1 min-w-0 truncate font-semibold',
  qty: 'col-start-3 row-start-1 text-right font-medium',
  price: 'col-start-4 row-start-1 text-right before:text-ink-2 before:content-["at_"]',
  status: 'col-start-1 row-start-2',
  latency: 'col-start-2 row-start-2 text-xs text-ink-2',
  time: 'col-start-3 row-start-2 text-right text-xs',
  notional: 'col-start-4 row-start-2 text-right text-xs text-ink-2',
  size: 'hidden',
  reason: 'col-span-full row-start-3 min-w-0 truncate text-xs',
};

interface TapeTableProps {
  readonly rows: readonly ShownRow[];
  /** All that is on the tape, shown or not: columns do not come and go with the filter. */
  readonly all: readonly TapeRow[];
}

/** The rows, of which only those in sight are in the document. */
export function TapeTable({ rows, all }: TapeTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useIsNarrow();
  const shown = columnsOf(all).join(' ');
  const columns = useMemo(() => shown.split(' ') as TapeColumn[], [shown]);
  const sizeOf = sizesOf(rows);
  const rem = remPixels();
  const heightOf = (index: number): number => {
    if (!isNarrow) return rem * ROW_REM;
    return rem * (rows[index]?.reason === undefined ? CARD_REM : CARD_REM + REASON_REM);
  };
  const { getTotalSize, getVirtualItems, measure } = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: heightOf,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 10,
  });
  // Rows have another height on a phone.
  useEffect(() => measure(), [measure, isNarrow]);
  const template = isNarrow ? undefined : { gridTemplateColumns: templateOf(columns) };
  return (
    // Focusable, so that it scrolls by keyboard.
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="Tape of events"
      className="desk-tape min-h-0 flex-1 overflow-auto border-t border-line"
    >
      {/* Roles, because a table that is laid out as a grid is none for a screen reader. */}
      <table role="table" aria-rowcount={rows.length + 1} className="block w-full text-sm" data-testid="tape">
        <caption className="sr-only">Events, newest first, and what became of each</caption>
        <TapeHead columns={columns} template={template} />
        <tbody role="rowgroup" className="relative block" style={{ height: getTotalSize() }}>
          {getVirtualItems().map(({ index, start, size }) => {
            const row = rows[index];
            return (
              row && (
                <Row
                  key={row.key}
                  row={row}
                  index={index}
                  top={start}
                  height={size}
                  size={sizeOf(row)}
                  columns={columns}
                  template={template}
                />
              )
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** Cards need no titles to be seen: each part of them says what it is. */
function TapeHead({ columns, template }: Pick<RowProps, 'columns' | 'template'>) {
  return (
    <thead role="rowgroup" className={template ? 'sticky top-0 z-10 block bg-panel' : 'sr-only'}>
      <tr role="row" aria-rowindex={1} className={template ? HEAD_ROW : ''} style={template}>
        {columns.map((column) => (
          <th
            key={column}
            role="columnheader"
            scope="col"
            className={RIGHT.has(column) ? 'text-right' : 'text-left'}
          >
            {HEADS[column]}
          </th>
        ))}
      </tr>
    </thead>
  );
}

const HEAD_ROW = 'grid gap-x-2 border-b border-line px-3 py-1 text-xs text-ink-2 [&>th]:font-medium';

interface RowProps {
  readonly row: ShownRow;
  readonly index: number;
  readonly top: number;
  readonly height: number;
  readonly size: number;
  readonly columns: readonly TapeColumn[];
  /** Undefined: a card. */
  readonly template: { readonly gridTemplateColumns: string } | undefined;
}

/** Equal when every shown value is equal: rows are rebuilt ten times a second, and few of them change. */
function isSameRow(a: RowProps, b: RowProps): boolean {
  return (
    a.row.key === b.row.key &&
    a.row.status === b.row.status &&
    a.row.mine === b.row.mine &&
    a.row.reason === b.row.reason &&
    a.row.latencySeconds === b.row.latencySeconds &&
    a.index === b.index &&
    a.top === b.top &&
    a.size === b.size &&
    a.height === b.height &&
    a.columns === b.columns &&
    a.template?.gridTemplateColumns === b.template?.gridTemplateColumns
  );
}

const Row = memo(function Row({ row, index, top, height, size, columns, template }: RowProps) {
  return (
    <tr
      role="row"
      aria-rowindex={index + 2}
      data-status={row.status}
      className={
        template
          ? 'absolute inset-x-0 top-0 grid items-center gap-x-2 border-b border-line/50 px-3 hover:bg-panel-2'
          : 'absolute inset-x-0 top-0 grid grid-cols-[auto_minmax(0,1fr)_auto_auto] content-center items-center gap-x-2 gap-y-0.5 border-b border-line/50 px-3'
      }
      style={{ ...template, height, transform: `translateY(${top}px)` }}
    >
      {columns.map((column) => (
        <td
          key={column}
          role="cell"
          className={template ? WIDE_CELL[RIGHT.has(column) ? 'right' : 'left'] : CARD_AREAS[column]}
        >
          {cellOf(column, row, size)}
        </td>
      ))}
    </tr>
  );
}, isSameRow);

const WIDE_CELL = {
  left: 'min-w-0 truncate',
  right: 'min-w-0 truncate text-right',
};

function cellOf(column: TapeColumn, row: ShownRow, size: number): ReactNode {
  switch (column) {
    case 'time':
      return <TimeCell row={row} />;
    case 'symbol':
      return row.symbol ?? '';
    case 'side':
      return <SideMark side={row.side} />;
    case 'qty':
      return formatQty(row.qty);
    case 'price':
      return row.price === undefined ? '' : formatPrice(row.price);
    case 'notional':
      return row.price === undefined ? '' : formatMoney(notionalOf(row));
    case 'size':
      return <SizeBar side={row.side} size={size} />;
    case 'status':
      return <StatusMark status={row.status} />;
    case 'latency':
      return row.latencySeconds === undefined ? '' : formatDuration(row.latencySeconds);
    case 'reason':
      return <span title={row.reason}>{row.reason}</span>;
  }
}

function TimeCell({ row }: { readonly row: ShownRow }) {
  return (
    <span className="text-ink-2">
      {formatTime(row.ts)}
      {row.mine && <span className="sr-only"> posted here</span>}
      {row.mine && (
        <span aria-hidden="true" title="Posted from this page" className="ml-1 font-bold text-ink">
          •
        </span>
      )}
    </span>
  );
}

function SizeBar({ side, size }: { readonly side: ShownRow['side']; readonly size: number }) {
  return (
    <svg width="100%" height="8" aria-hidden="true" className="block">
      <rect
        width={`${(size * 100).toFixed(1)}%`}
        height="8"
        rx="1"
        className={side === 'buy' ? 'fill-buy' : 'fill-sell'}
      />
    </svg>
  );
}
