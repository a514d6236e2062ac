import { useEffect, useRef } from 'react';
import { readColors } from '../charts/chart-colors.js';
import { LINE_CHART_RIGHT } from '../charts/line-chart.js';
import { axisBelow, axisLeft, chartFont } from '../charts/plot-box.js';
import { formatClock, formatDuration } from '../format/figures.js';
import { useTheme } from '../theme/theme-store.js';
import type { BucketStep } from './bucket-history.js';

interface HeatmapProps {
  readonly bounds: readonly number[];
  /** Each by its end. */
  readonly columns: readonly BucketStep[];
}

/** The same edges as the chart above it, so that the times line up. */
const RIGHT = LINE_CHART_RIGHT;
const HEIGHT = 220;
const TIME_ROOM = 110;

function paint(canvas: HTMLCanvasElement, { bounds, columns }: HeatmapProps): void {
  const ratio = window.devicePixelRatio;
  const width = canvas.clientWidth;
  canvas.width = width * ratio;
  canvas.height = HEIGHT * ratio;
  const context = canvas.getContext('2d');
  if (!context) return;
  context.scale(ratio, ratio);
  const colors = readColors();
  const heat = getComputedStyle(document.documentElement).getPropertyValue('--heat').trim();
  const cellWidth = (width - axisLeft() - RIGHT) / Math.max(1, columns.length);
  const cellHeight = (HEIGHT - axisBelow()) / Math.max(1, bounds.length);
  const largest = Math.max(1, ...columns.flatMap(({ counts }) => counts));
  for (const [x, { counts }] of columns.entries()) {
    for (const [y, count] of counts.entries()) {
      if (count <= 0) continue;
      // Logarithmic: one slow event among ten thousand fast ones must be visible.
      const strength = 0.18 + 0.82 * (Math.log1p(count) / Math.log1p(largest));
      context.fillStyle = `rgb(${heat} / ${strength})`;
      context.fillRect(
        axisLeft() + x * cellWidth,
        HEIGHT - axisBelow() - (y + 1) * cellHeight,
        Math.ceil(cellWidth),
        cellHeight - 0.5,
      );
    }
  }
  paintAxes(context, { bounds, columns }, { width, cellWidth, cellHeight, ink: colors.ink2 });
}

interface AxisSize {
  readonly width: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly ink: string;
}

function paintAxes(
  context: CanvasRenderingContext2D,
  { bounds, columns }: HeatmapProps,
  size: AxisSize,
): void {
  context.fillStyle = size.ink;
  context.font = chartFont();
  context.textAlign = 'right';
  for (const [y, bound] of bounds.entries()) {
    if (y % 3 !== 0 || !Number.isFinite(bound)) continue;
    context.fillText(
      formatDuration(bound),
      axisLeft() - 6,
      HEIGHT - axisBelow() - (y + 1) * size.cellHeight + 4,
    );
  }
  context.textAlign = 'center';
  for (const at of timesOf(columns, size)) {
    const first = columns[0]?.at ?? at;
    const width = (columns[1]?.at ?? first + 1) - first;
    const x = axisLeft() + ((at - first) / width + 1) * size.cellWidth;
    context.fillText(formatClock(at), x, HEIGHT - 6);
  }
}

/** Round times with room for their text. */
function timesOf(columns: readonly BucketStep[], { width }: AxisSize): number[] {
  const [first, last] = [columns[0]?.at, columns.at(-1)?.at];
  if (first === undefined || last === undefined) return [];
  const wanted = ((last - first) * TIME_ROOM) / Math.max(TIME_ROOM, width - axisLeft() - RIGHT);
  const step = ROUND_SECONDS.find((seconds) => seconds >= wanted) ?? 21_600;
  const times: number[] = [];
  for (let at = Math.ceil(first / step) * step; at <= last; at += step) times.push(at);
  return times;
}

const ROUND_SECONDS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800];

/** Time to the right, latency upwards, the darker the more events. The table beside it says the same in numbers. */
export function Heatmap(props: HeatmapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => paint(element, props));
    observer.observe(element);
    paint(element, props);
    return () => observer.disconnect();
  }, [props, theme]);
  return (
    <canvas
      ref={canvas}
      role="img"
      aria-label="Heatmap: how many trades had which latency, over time. The distribution table has the numbers."
      className="block h-[220px] w-full"
    />
  );
}
