import { useRef } from 'react';
import type UPlot from 'uplot';
import type { ChartColors } from '../charts/chart-colors.js';
import {
  axisBelow,
  axisLeft,
  axisRight,
  axisOf,
  paddingOf,
  PlotBox,
  type PlotOptions,
} from '../charts/plot-box.js';
import { formatClock, formatShort, formatSigned } from '../format/figures.js';
import { paintImbalances, within } from './bar-painter.js';
import type { BarColumns } from './bar-columns.js';
import { CURSOR_KEY } from './price-chart.js';

interface FlowChartProps {
  readonly label: string;
  readonly columns: BarColumns;
  readonly isTime: boolean;
  readonly height: number;
}

/** Zero is in the middle, as it is for the imbalance. */
function deltaRange({ delta }: BarColumns): UPlot.Range.MinMax {
  const most = Math.max(...delta.map(Math.abs), 0) * 1.1 || 1;
  return [-most, most];
}

function timeOf({ bars }: BarColumns, isTime: boolean, at: number): string {
  if (isTime) return formatClock(at);
  const bar = bars[Math.floor(at)];
  return bar === undefined ? '' : formatClock(bar.start);
}

function optionsOf(isTime: boolean, colors: ChartColors, read: () => BarColumns): PlotOptions {
  return {
    legend: { show: false },
    padding: paddingOf(0),
    cursor: {
      y: false,
      points: { show: false },
      drag: { setScale: false, x: false, y: false },
      sync: { key: CURSOR_KEY },
    },
    scales: {
      x: { time: isTime, range: () => [read().from, read().to] },
      y: { range: () => deltaRange(read()) },
      imbalance: { range: () => [-1, 1] },
    },
    axes: [
      {
        ...axisOf(colors, axisBelow()),
        space: 80,
        values: (_plot, splits) => splits.map((at) => timeOf(read(), isTime, at)),
      },
      {
        ...axisOf(colors, axisLeft()),
        space: 34,
        values: (_plot, values) => values.map((value) => formatShort(value)),
      },
      {
        ...axisOf(colors, axisRight()),
        scale: 'imbalance',
        side: 1,
        grid: { show: false },
        splits: () => [-1, 0, 1],
        values: (_plot, values) => values.map((value) => formatSigned(value, 0)),
      },
    ],
    series: [
      {},
      { scale: 'y', stroke: colors.ink, width: 1.75, points: { show: false } },
      { scale: 'imbalance', paths: () => null, points: { show: false } },
    ],
    hooks: {
      drawClear: [
        (plot) => within(plot, colors, 0.45, (brush) => paintImbalances(brush, read(), 'imbalance')),
      ],
    },
  };
}

/** The cumulative delta as a line, and behind it the imbalance of each bar: up bought, down sold. */
export function FlowChart({ label, columns, isTime, height }: FlowChartProps) {
  const latest = useRef(columns);
  latest.current = columns;
  const data: UPlot.AlignedData = [[...columns.x], [...columns.delta], [...columns.imbalance]];
  return (
    <PlotBox
      kind={isTime ? 'time' : 'volume'}
      label={label}
      height={height}
      data={data}
      options={(colors) => optionsOf(isTime, colors, () => latest.current)}
    />
  );
}
