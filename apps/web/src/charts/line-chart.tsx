import { useMemo } from 'react';
import type UPlot from 'uplot';
import { formatClock } from '../format/figures.js';
import { useTheme } from '../theme/theme-store.js';
import { readColors, type ChartColors } from './chart-colors.js';
import { ChartHeading, LineMark } from './chart-legend.js';
import { axisBelow, axisLeft, axisOf, paddingOf, PlotBox, type PlotOptions } from './plot-box.js';

/** One line: dashes as well as colour tell it from the others. */
export interface LineSpec {
  readonly label: string;
  readonly color: (colors: ChartColors) => string;
  readonly dash?: readonly number[];
}

/** Times in unix epoch seconds, then one list of values for each line; null is a gap. */
export type LineData = readonly [readonly number[], ...(readonly (readonly (number | null)[])[])];

interface LineChartProps {
  readonly title: string;
  /** What the chart shows, for users who cannot see it. */
  readonly label: string;
  readonly lines: readonly LineSpec[];
  readonly data: LineData;
  /** What the chart covers, in unix epoch seconds. */
  readonly from: number;
  readonly to: number;
  readonly format: (value: number) => string;
  readonly height: number;
}

/** Pixels between the plot and the right edge: half of a time has room there. */
export const LINE_CHART_RIGHT = 28;

function optionsOf(
  { lines, format }: LineChartProps,
  colors: ChartColors,
  range: () => UPlot.Range.MinMax,
): PlotOptions {
  return {
    legend: { show: false },
    padding: paddingOf(LINE_CHART_RIGHT),
    cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
    // Logarithmic: durations spread over several powers of ten.
    scales: { x: { range }, y: { distr: 3 } },
    axes: [
      {
        ...axisOf(colors, axisBelow()),
        space: 80,
        values: (_plot, times) => times.map((time) => formatClock(time)),
      },
      {
        ...axisOf(colors, axisLeft()),
        values: (_plot, values) => values.map((value) => (value === null ? '' : format(value))),
      },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: line.color(colors),
        width: 1.5,
        ...(line.dash && { dash: [...line.dash] }),
        points: { show: false },
        spanGaps: false,
      })),
    ],
  };
}

/** Durations over time, on a logarithmic scale, with the newest of each line in the legend. */
export function LineChart(props: LineChartProps) {
  const { title, label, lines, data, format, height, from, to } = props;
  // The legend's colours follow the theme.
  useTheme();
  const colors = readColors();
  const range = useMemo((): { now: UPlot.Range.MinMax } => ({ now: [0, 0] }), []);
  range.now = [from, to];
  const entries = lines.map((line, index) => {
    const value = data[index + 1]?.findLast((candidate) => candidate !== null) ?? undefined;
    return {
      label: line.label,
      mark: <LineMark color={line.color(colors)} {...(line.dash && { dash: line.dash })} />,
      value: value === undefined ? '–' : format(value),
    };
  });
  return (
    <figure className="min-w-0">
      <ChartHeading title={title} entries={entries} />
      <PlotBox
        kind={label}
        label={`${label}. Lines: ${lines.map((line) => line.label).join(', ')}.`}
        height={height}
        data={data as UPlot.AlignedData}
        options={(current) => optionsOf(props, current, () => range.now)}
      />
    </figure>
  );
}
