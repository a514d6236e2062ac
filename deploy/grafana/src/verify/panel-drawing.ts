import type { PanelDefinition } from '../panel-definition.js';
import type { TimeSpan } from './proof-moments.js';
import type { NamedSeries } from './value-check.js';
import { unitText } from './unit-text.js';

/** A panel's data, ready to be drawn. */
export interface DrawnPanel {
  readonly panel: PanelDefinition;
  readonly series: readonly NamedSeries[];
  readonly isProven: boolean;
  /** What the time axis shows. */
  readonly span: TimeSpan;
}

interface Box {
  readonly width: number;
  readonly height: number;
}

/** Distinct in lightness too, so that they differ for everybody and in print. */
const COLOURS = ['#1f77b4', '#d95f02', '#1b9e77', '#7b3294', '#b8860b', '#c51b7d', '#4d4d4d', '#66a61e'];
const TOP = 40;
const LEFT = 76;
const LEGEND_LINE = 14;

/** Text that is safe inside SVG. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** One panel as SVG, its upper left corner at 0, 0. */
export function drawPanel(drawn: DrawnPanel, box: Box): string {
  const { panel, series, isProven } = drawn;
  const frame = `<rect class="panel${isProven ? '' : ' bad'}" width="${box.width}" height="${box.height}" rx="4"/>`;
  const title = `<text class="title" x="10" y="20">${escaped(panel.title)}${isProven ? '' : ' (not proven)'}</text>`;
  if (series.length === 0)
    return `${frame}${title}<text x="10" y="48">${escaped(panel.noValue ?? 'no data')}</text>`;
  if (panel.kind === 'number') return frame + title + drawNumbers(panel, series, box);
  if (panel.kind === 'heatmap') return frame + title + drawHeatmap(panel, series, box);
  return frame + title + drawCurves(drawn, box);
}

function drawNumbers(panel: PanelDefinition, series: readonly NamedSeries[], box: Box): string {
  const step = (box.width - 20) / series.length;
  return series
    .map(({ name, points }, index) => {
      const value = points.at(-1)?.[1] ?? Number.NaN;
      const x = 10 + index * step;
      return `<text class="number" x="${x}" y="58">${escaped(mapped(panel, value))}</text><text class="legend" x="${x}" y="78">${escaped(name)}</text>`;
    })
    .join('');
}

/** A number as the panel shows it: as a word where it maps values to words. */
function mapped({ mappings, unit }: PanelDefinition, value: number): string {
  for (const mapping of mappings ?? []) {
    const results: Record<string, { text?: string }> = mapping.type === 'value' ? mapping.options : {};
    const text = results[String(value)]?.text;
    if (text !== undefined) return text;
  }
  return unitText(value, unit);
}

function drawCurves({ panel, series, span }: DrawnPanel, box: Box): string {
  const all = series.flatMap(({ points }) => points).filter(([, value]) => Number.isFinite(value));
  const legendRows = Math.ceil(series.length / 2);
  const bottom = box.height - 24 - legendRows * LEGEND_LINE;
  const [least, most] = panel.axisShowsAtLeast ?? [Infinity, -Infinity];
  const start = panel.axisMin === 'auto' ? Infinity : (panel.axisMin ?? 0);
  const low = Math.min(start, least, ...all.map(([, value]) => value));
  const high = Math.max(most, ...all.map(([, value]) => value));
  const top = high > low ? high : low + 1;
  const seconds = span.to - span.from;
  const x = (second: number): number => LEFT + ((second - span.from) / seconds) * (box.width - LEFT - 10);
  const y = (value: number): number => bottom - ((value - low) / (top - low)) * (bottom - TOP);
  const curves = series.map(({ points }, index) => {
    const path = points
      .filter(([, value]) => Number.isFinite(value))
      .map(([second, value]) => `${x(second).toFixed(1)},${y(value).toFixed(1)}`)
      .join(' ');
    return `<polyline points="${path}" stroke="${COLOURS[index % COLOURS.length]}"/>`;
  });
  return axis(panel, low, top, bottom, box, seconds) + curves.join('') + legend(series, box, legendRows);
}

function axis(
  { unit }: PanelDefinition,
  low: number,
  top: number,
  bottom: number,
  box: Box,
  seconds: number,
): string {
  const lines = [0, 0.5, 1].map((part) => {
    const y = bottom - part * (bottom - TOP);
    return `<line x1="${LEFT}" x2="${box.width - 10}" y1="${y}" y2="${y}"/><text class="axis" x="${LEFT - 4}" y="${y + 4}" text-anchor="end">${escaped(unitText(low + part * (top - low), unit))}</text>`;
  });
  return `${lines.join('')}<text class="axis" x="${LEFT}" y="${bottom + 13}">0 s</text><text class="axis" x="${box.width - 10}" y="${bottom + 13}" text-anchor="end">${Math.round(seconds)} s</text>`;
}

function legend(series: readonly NamedSeries[], box: Box, rows: number): string {
  return series
    .map(({ name }, index) => {
      const x = 12 + (index % 2) * (box.width / 2 - 6);
      const y = box.height - 6 - (rows - 1 - Math.floor(index / 2)) * LEGEND_LINE;
      return `<rect x="${x}" y="${y - 8}" width="9" height="9" fill="${COLOURS[index % COLOURS.length]}"/><text class="legend" x="${x + 14}" y="${y}">${escaped(name)}</text>`;
    })
    .join('');
}

/** Buckets count everything up to their edge; a field is what lies between two edges. */
function drawHeatmap(panel: PanelDefinition, series: readonly NamedSeries[], box: Box): string {
  const rows = [...series].sort((a, b) => edge(a) - edge(b));
  const bottom = box.height - 24;
  const height = (bottom - TOP) / rows.length;
  const most = Math.max(...rows.flatMap(({ points }) => points.map(([, value]) => value)));
  const cells = rows.flatMap(({ name, points }, row) => {
    const below = new Map(rows[row - 1]?.points ?? []);
    const width = (box.width - LEFT - 10) / points.length;
    const y = bottom - (row + 1) * height;
    const label = row % 3 === 0 ? unitText(Number(name), panel.unit) : '';
    const fields = points.map(([second, value], column) => {
      const part = Math.max(0, value - (below.get(second) ?? 0)) / most;
      return `<rect x="${(LEFT + column * width).toFixed(1)}" y="${y.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="#d94801" fill-opacity="${part.toFixed(2)}"/>`;
    });
    return [
      ...fields,
      `<text class="axis" x="${LEFT - 4}" y="${y + height}" text-anchor="end">${label}</text>`,
    ];
  });
  return cells.join('');
}

function edge({ labels }: NamedSeries): number {
  return labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
}
