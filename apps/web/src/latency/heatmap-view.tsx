import { useEffect, useRef } from 'react';
import { readColors } from '../charts/chart-colors.js';
import { formatClock, formatDuration } from '../format/figures.js';
import { useTheme } from '../theme/theme-store.js';
import type { BucketStep } from './bucket-history.js';

interface HeatmapProps {
  readonly bounds: readonly number[];
  readonly columns: readonly BucketStep[];
}

const LEFT = 56;
const BOTTOM = 18;
const HEIGHT = 230;

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
  const cellWidth = (width - LEFT) / Math.max(1, columns.length);
  const cellHeight = (HEIGHT - BOTTOM) / Math.max(1, bounds.length);
  const largest = Math.max(1, ...columns.flatMap(({ counts }) => counts));
  for (const [x, { counts }] of columns.entries()) {
    for (const [y, count] of counts.entries()) {
      if (count <= 0) continue;
      // Logarithmic: one slow event among ten thousand fast ones must be visible.
      const strength = 0.18 + 0.82 * (Math.log1p(count) / Math.log1p(largest));
      context.fillStyle = `rgb(${heat} / ${strength})`;
      context.fillRect(
        LEFT + x * cellWidth,
        HEIGHT - BOTTOM - (y + 1) * cellHeight,
        Math.ceil(cellWidth),
        cellHeight - 0.5,
      );
    }
  }
  paintAxes(context, { bounds, columns }, { width, cellWidth, cellHeight, ink: colors.ink });
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
  context.font = '11px system-ui';
  context.textAlign = 'right';
  for (const [y, bound] of bounds.entries()) {
    if (y % 3 !== 0 || !Number.isFinite(bound)) continue;
    context.fillText(formatDuration(bound), LEFT - 6, HEIGHT - BOTTOM - (y + 1) * size.cellHeight + 4);
  }
  const every = Math.ceil(columns.length / Math.max(2, Math.floor(size.width / 110)));
  for (const [x, { at }] of columns.entries()) {
    if (x % every !== every - 1) continue;
    context.fillText(formatClock(at), Math.min(size.width, LEFT + (x + 1) * size.cellWidth), HEIGHT - 4);
  }
}

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
      className="block h-[230px] w-full"
    />
  );
}
