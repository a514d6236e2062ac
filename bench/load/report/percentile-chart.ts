import type { LatencyDistribution } from '../measure/latency-distribution.js';
import { latencyTicks, logPosition, quantileTicks } from './chart-axis.js';
import { milliseconds } from './latency-text.js';
import { percentilePoints } from './percentile-levels.js';

/** Pixels. */
export const CHART_SIZE = { width: 960, height: 540 } as const;
const PLOT = { left: 80, right: 930, top: 70, bottom: 480 } as const;
const STYLE = `text{font:13px sans-serif;fill:#333}.title{font-size:18px;font-weight:bold}.small{fill:#666}
.grid{stroke:#e3e3e3}.curve{fill:none;stroke:#0b62a4;stroke-width:2.5}.mark{fill:#0b62a4}`;
const MARKED = [0.5, 0.9, 0.99, 0.999];

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escaped(content)}</text>`;
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line class="grid" x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}"/>`;
}

/** The text above the curve. */
export interface ChartTitles {
  readonly title: string;
  readonly subtitle: string;
}

/**
 * The percentile curve as SVG: latency over percentile, both logarithmic, so that the tail is as readable as the
 * middle. The last point, 100 %, has no place on such an axis: it is drawn where the rarest observation lies.
 */
export function percentileChart(distribution: LatencyDistribution, titles: ChartTitles): string {
  const points = percentilePoints(distribution);
  const inverses = quantileTicks(Math.max(10, distribution.count));
  const latencies = latencyTicks(points.length > 0 ? points.map(({ seconds }) => seconds) : [1e-3]);
  const [mostInverse, least, most] = [
    inverses.at(-1)?.value ?? 10,
    latencies[0]?.value ?? 0,
    latencies.at(-1)?.value ?? 1,
  ];
  const x = (inverse: number): number =>
    PLOT.left + logPosition(Math.min(inverse, mostInverse), 1, mostInverse) * (PLOT.right - PLOT.left);
  const y = (seconds: number): number =>
    PLOT.bottom - logPosition(seconds, least, most) * (PLOT.bottom - PLOT.top);
  const xOf = (quantile: number): number => x(quantile < 1 ? 1 / (1 - quantile) : distribution.count);
  const path = points.map(({ quantile, seconds }) => `${xOf(quantile).toFixed(1)},${y(seconds).toFixed(1)}`);
  const marks = MARKED.filter((quantile) => 1 / (1 - quantile) <= distribution.count).map((quantile) => {
    const seconds = distribution.atQuantile(quantile);
    const label = `p${Number((quantile * 100).toFixed(3))}  ${milliseconds(seconds)}`;
    const [cx, cy] = [xOf(quantile), y(seconds)];
    // Below the curve on its steep left part, above it where it runs flat to the right.
    const at =
      cx < (PLOT.left + PLOT.right) / 3
        ? text(cx + 10, cy + 16, label, '')
        : text(cx - 8, cy - 10, label, 'text-anchor="end"');
    return `<circle class="mark" cx="${cx.toFixed(1)}" cy="${cy.toFixed(1)}" r="4"/>${at}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${CHART_SIZE.width}" height="${CHART_SIZE.height}" viewBox="0 0 ${CHART_SIZE.width} ${CHART_SIZE.height}">`,
    `<style>${STYLE}</style><rect width="100%" height="100%" fill="#fff"/>`,
    text(PLOT.left, 32, titles.title, 'class="title"'),
    text(PLOT.left, 54, titles.subtitle, 'class="small"'),
    ...latencies.map(
      ({ value, label }) =>
        line(PLOT.left, y(value), PLOT.right, y(value)) +
        text(PLOT.left - 8, y(value) + 4, label, 'text-anchor="end"'),
    ),
    ...inverses.map(
      ({ value, label }) =>
        line(x(value), PLOT.top, x(value), PLOT.bottom) +
        text(x(value), PLOT.bottom + 20, label, 'text-anchor="middle"'),
    ),
    text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 46, 'percentile', 'class="small" text-anchor="middle"'),
    `<polyline class="curve" points="${path.join(' ')}"/>`,
    ...marks,
    '</svg>\n',
  ].join('\n');
}
