import { useRef, type ReactNode } from 'react';
import { cn } from '../ui/class-names.js';

/** One entry of a legend. */
export interface LegendEntry {
  readonly label: string;
  /** How the chart draws it. */
  readonly mark?: ReactNode;
  /** What it is now; its room stays when it changes. */
  readonly value: string;
  /** True for what a phone has no room for. */
  readonly isExtra?: boolean;
}

/** A piece of line as the chart draws it. */
export function LineMark({ color, dash }: { readonly color: string; readonly dash?: readonly number[] }) {
  return (
    <svg width="20" height="6" aria-hidden="true">
      <line x1="0" y1="3" x2="20" y2="3" stroke={color} strokeWidth="2" strokeDasharray={dash?.join(' ')} />
    </svg>
  );
}

const LEAST_ROOM = 6;

/** Has the room of the longest text so far: what comes after it stays where it is. */
function Value({ text }: { readonly text: string }) {
  const room = useRef(LEAST_ROOM);
  room.current = Math.max(room.current, text.length);
  return (
    <dd className="font-medium" style={{ minWidth: `${room.current}ch` }}>
      {text}
    </dd>
  );
}

/** A title with its legend beside it, over a chart. */
export function ChartHeading({
  title,
  entries,
}: {
  readonly title: string;
  readonly entries: readonly LegendEntry[];
}) {
  return (
    <div className="flex min-h-6 flex-wrap items-baseline gap-x-4 gap-y-0.5 px-3 text-xs">
      <h3 className="font-medium text-ink-2">{title}</h3>
      <dl className="contents">
        {entries.map(({ label, mark, value, isExtra }) => (
          <div
            key={label}
            className={cn('inline-flex items-baseline gap-1.5 whitespace-nowrap', isExtra && 'max-sm:hidden')}
          >
            <dt className="inline-flex items-center gap-1.5 text-ink-2">
              {mark}
              {label}
            </dt>
            <Value text={value} />
          </div>
        ))}
      </dl>
    </div>
  );
}
