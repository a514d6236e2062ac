import { useEffect, useRef, useState } from 'react';
import { formatCount, formatShort } from '../format/figures.js';
import type { Tone } from '../ui/badge.js';
import { cn } from '../ui/class-names.js';
import { typeScale } from '../ui/rem-pixels.js';
import type { Flow, FlowArrow, FlowBranch, FlowStop } from './flow-builder.js';
import { layOut, type FlowLayout, type Place } from './flow-layout.js';

/** Colour, and a sign for those who do not see it. */
const SIGNS: Partial<Record<Tone, { readonly sign: string; readonly text: string; readonly box: string }>> = {
  good: { sign: '✓', text: 'fill-good', box: 'stroke-line-strong/60' },
  warn: { sign: '!', text: 'fill-warn', box: 'stroke-warn' },
  bad: { sign: '✕', text: 'fill-bad', box: 'stroke-bad' },
};
const NEUTRAL = { sign: '·', text: 'fill-ink-2', box: 'stroke-line' };

function rateText(rate: number | undefined): string {
  return rate === undefined ? '' : `${formatShort(rate)} /s`;
}

/** The thicker, the more events: one pixel for each power of ten. */
function thickness(rate: number | undefined): number {
  return 1.5 + Math.log10(1 + (rate ?? 0));
}

/** The way of an event as one picture; the list beside it says the same in words. */
export function FlowPicture({ flow }: { readonly flow: Flow }) {
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const scale = typeScale();
  const layout = layOut(width, flow.stops.length, scale);
  return (
    <div ref={frame} className="min-h-28 overflow-hidden">
      {width > 0 && (
        <svg
          role="img"
          aria-label="The way of a trade from stop to stop, with its rates. The list below says the same in words."
          width={layout.width}
          height={layout.height}
          className="block"
          data-testid="flow"
        >
          {flow.arrows.map((arrow, index) => (
            <Arrow key={index} arrow={arrow} layout={layout} from={index} scale={scale} />
          ))}
          {flow.branches.map((branch) => (
            <Branch key={branch.word} branch={branch} layout={layout} scale={scale} />
          ))}
          {flow.stops.map((stop, index) => (
            <Stop key={stop.name} stop={stop} layout={layout} at={layout.boxes[index]} scale={scale} />
          ))}
        </svg>
      )}
    </div>
  );
}

interface StopProps {
  readonly stop: FlowStop;
  readonly layout: FlowLayout;
  readonly at: Place | undefined;
  readonly scale: number;
}

function Stop({ stop, layout: { box }, at, scale }: StopProps) {
  const { sign, text, box: border } = SIGNS[stop.state.tone] ?? NEUTRAL;
  return (
    <g transform={`translate(${at?.x ?? 0} ${at?.y ?? 0})`}>
      <rect
        width={box.width}
        height={box.height}
        rx="8"
        className={cn('fill-panel-2', border)}
        strokeWidth="1.5"
      />
      <text x={10} y={20 * scale} className="fill-ink text-base font-semibold">
        {stop.name}
      </text>
      <text x={10} y={38 * scale} className="fill-ink-2 text-xs">
        {stop.figure}
      </text>
      <text x={10} y={56 * scale} className={cn('text-xs font-medium', text)}>
        {sign} {stop.state.word}
      </text>
    </g>
  );
}

interface ArrowProps {
  readonly arrow: FlowArrow;
  readonly layout: FlowLayout;
  /** The box that it leaves, from 0. */
  readonly from: number;
  readonly scale: number;
}

const HEAD = 7;

/** The line of an arrow, and where its label stands. */
function pathOf({ boxes, box, isColumn, breaks }: FlowLayout, from: number, scale: number) {
  const [a, b] = [boxes[from] ?? { x: 0, y: 0 }, boxes[from + 1] ?? { x: 0, y: 0 }];
  if (isColumn) {
    const x = a.x + box.width / 2;
    const [top, bottom] = [a.y + box.height, b.y - HEAD];
    return {
      line: `M${x} ${top}V${bottom}`,
      head: { x, y: b.y, turn: 90 },
      label: { x: x + 12, y: (top + bottom) / 2 + 4 },
      isLeft: true,
    };
  }
  if (breaks.has(from + 1)) {
    // Around the end of its row, back between the rows, and down into the next box.
    const [end, middle] = [a.x + box.width / 2, b.y - 14 * scale];
    const x = b.x + box.width / 2;
    const line = `M${end} ${a.y + box.height}V${middle}H${x}V${b.y - HEAD}`;
    return {
      line,
      head: { x, y: b.y, turn: 90 },
      label: { x: (end + x) / 2, y: middle - 6 * scale },
      isLeft: false,
    };
  }
  const y = a.y + box.height / 2;
  const [start, stop] = [a.x + box.width, b.x - HEAD];
  return {
    line: `M${start} ${y}H${stop}`,
    head: { x: b.x, y, turn: 0 },
    label: { x: (start + stop) / 2, y: y - 8 * scale },
    isLeft: false,
  };
}

function Arrow({ arrow: { rate, word, isWired }, layout, from, scale }: ArrowProps) {
  const { line, head, label, isLeft } = pathOf(layout, from, scale);
  const flows = (rate ?? 0) > 0;
  const words = rateText(rate);
  return (
    <g>
      <path
        d={line}
        fill="none"
        strokeWidth={thickness(rate)}
        strokeDasharray={isWired ? undefined : '3 5'}
        className={flows ? 'stroke-accent/50' : 'stroke-line-strong/60'}
      />
      {flows && (
        <path d={line} fill="none" strokeWidth={thickness(rate)} className="desk-flowing stroke-accent" />
      )}
      <path
        d="M0 0-8-4.5V4.5z"
        transform={`translate(${head.x} ${head.y}) rotate(${head.turn})`}
        className={flows ? 'fill-accent' : 'fill-line-strong'}
      />
      <text
        x={label.x}
        y={label.y}
        textAnchor={isLeft ? 'start' : 'middle'}
        className={cn('text-xs', flows ? 'fill-ink font-semibold' : 'fill-ink-2')}
      >
        {words}
        {isLeft && words !== '' && ` ${word}`}
      </text>
      {!isLeft && (
        <text x={label.x} y={label.y + 24 * scale} textAnchor="middle" className="fill-ink-2 text-xs">
          {word}
        </text>
      )}
    </g>
  );
}

interface BranchProps {
  readonly branch: FlowBranch;
  readonly layout: FlowLayout;
  readonly scale: number;
}

/** What leaves the way: in the colour of a fault as soon as it is anything. */
function Branch({ branch: { at, word, total, rate }, layout, scale }: BranchProps) {
  const { boxes, box, isColumn } = layout;
  const place = boxes[at] ?? { x: 0, y: 0 };
  const isAny = (total ?? 0) > 0;
  const text = cn('text-xs', isAny ? 'fill-bad font-medium' : 'fill-ink-2');
  const line = isAny ? 'stroke-bad' : 'stroke-line-strong/60';
  const words = `${formatCount(total)} ${word}`;
  const more = (rate ?? 0) > 0 ? `, ${rateText(rate)}` : '';
  if (isColumn) {
    const [x, y] = [place.x + box.width, place.y + box.height / 2];
    return (
      <g>
        <path d={`M${x} ${y}h20`} fill="none" strokeWidth={thickness(rate)} className={line} />
        <text x={x + 26} y={y + 4} className={text}>
          {words}
          {more}
        </text>
      </g>
    );
  }
  const [x, y] = [place.x + 18, place.y + box.height];
  return (
    <g>
      <path d={`M${x} ${y}v${16 * scale}`} fill="none" strokeWidth={thickness(rate)} className={line} />
      <text x={x - 8} y={y + 30 * scale} className={text}>
        {words}
        {more}
      </text>
    </g>
  );
}
