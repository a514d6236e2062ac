import type UPlot from 'uplot';
import type { ChartColors } from '../charts/chart-colors.js';
import type { BarColumns } from './bar-columns.js';

/** Part of a bar's width that is drawn; the rest is air. */
const FILLED = 0.72;
const WIDEST_PX = 22;

/** Where a chart draws: pixels of the canvas. */
interface Brush {
  readonly plot: UPlot;
  readonly context: CanvasRenderingContext2D;
  readonly colors: ChartColors;
  readonly ratio: number;
}

/** The left edge and the width of each bar in pixels of the canvas. */
function placeOf({ plot, ratio }: Brush, { x, step }: BarColumns, index: number): [number, number] {
  const middle = plot.valToPos(x[index] ?? 0, 'x', true);
  const room = Math.abs(plot.valToPos(step, 'x', true) - plot.valToPos(0, 'x', true));
  const width = Math.max(ratio, Math.min(room * FILLED, WIDEST_PX * ratio));
  return [middle - width / 2, width];
}

/** Bought volume from below, sold volume on top of it. */
export function paintVolumes(brush: Brush, columns: BarColumns, scale: string): void {
  const { plot, context, colors } = brush;
  const floor = plot.valToPos(0, scale, true);
  for (const [index, bought] of columns.bought.entries()) {
    const [left, width] = placeOf(brush, columns, index);
    const middle = plot.valToPos(bought, scale, true);
    const top = plot.valToPos(bought + (columns.sold[index] ?? 0), scale, true);
    context.fillStyle = colors.buy;
    context.fillRect(left, middle, width, floor - middle);
    context.fillStyle = colors.sell;
    context.fillRect(left, top, width, middle - top);
  }
}

/** From the first to the last price a body, hollow where the price rose; from the lowest to the highest a line. */
export function paintCandles(brush: Brush, columns: BarColumns, scale: string): void {
  const { plot, context, colors, ratio } = brush;
  context.lineWidth = ratio * 1.25;
  for (const [index, { open, high, low, close }] of columns.bars.entries()) {
    if (open === null || high === null || low === null || close === null) continue;
    const [left, width] = placeOf(brush, columns, index);
    const at = (price: number): number => plot.valToPos(price, scale, true);
    const rises = close >= open;
    const [top, bottom] = [at(Math.max(open, close)), at(Math.min(open, close))];
    const color = rises ? colors.buy : colors.sell;
    context.strokeStyle = color;
    context.beginPath();
    context.moveTo(left + width / 2, at(high));
    context.lineTo(left + width / 2, at(low));
    context.stroke();
    context.fillStyle = rises ? colors.panel : color;
    const height = Math.max(ratio, bottom - top);
    context.fillRect(left, top, width, height);
    context.strokeRect(left, top, width, height);
  }
}

/** Up from the middle where buyers led, down where sellers did. */
export function paintImbalances(brush: Brush, columns: BarColumns, scale: string): void {
  const { plot, context, colors } = brush;
  const middle = plot.valToPos(0, scale, true);
  for (const [index, imbalance] of columns.imbalance.entries()) {
    if (imbalance === null) continue;
    const [left, width] = placeOf(brush, columns, index);
    const end = plot.valToPos(imbalance, scale, true);
    context.fillStyle = imbalance >= 0 ? colors.buy : colors.sell;
    context.fillRect(left, Math.min(middle, end), width, Math.abs(end - middle));
  }
}

/** Runs `paint` inside the plot's own area, with this opacity. */
export function within(
  plot: UPlot,
  colors: ChartColors,
  opacity: number,
  paint: (brush: Brush) => void,
): void {
  const { ctx: context, bbox } = plot;
  context.save();
  context.beginPath();
  context.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  context.clip();
  context.globalAlpha = opacity;
  paint({ plot, context, colors, ratio: window.devicePixelRatio });
  context.restore();
}
