import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { formatClock } from '../format/figures.js';
import { useTheme } from '../theme/theme-store.js';
import { readColors, type ChartColors } from './chart-colors.js';

/** One line: dashes as well as colour tell it from the others. */
export interface LineSpec {
  readonly label: string;
  readonly color: (colors: ChartColors) => string;
  readonly dash?: readonly number[];
}

/** Times in unix epoch seconds, then one list of values for each line; null is a gap. */
export type LineData = readonly [readonly number[], ...(readonly (readonly (number | null)[])[])];

interface LineChartProps {
  /** What the chart shows, for users who cannot see it. */
  readonly label: string;
  readonly lines: readonly LineSpec[];
  readonly data: LineData;
  readonly format: (value: number) => string;
  /** Logarithmic for values over several powers of ten. */
  readonly isLog?: boolean;
  readonly height?: number;
}

function optionsOf(props: LineChartProps, width: number): UPlot.Options {
  const colors = readColors();
  const axis = {
    stroke: colors.ink,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { show: false },
    font: '11px system-ui',
  };
  return {
    width,
    height: props.height ?? 150,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
    scales: { y: props.isLog ? { distr: 3 } : { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, space: 80, size: 28, values: (_plot, times) => times.map((time) => formatClock(time)) },
      {
        ...axis,
        size: 56,
        values: (_plot, values) => values.map((value) => (value === null ? '' : props.format(value))),
      },
    ],
    series: [
      {},
      ...props.lines.map((line) => ({
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

/** Lines over time, drawn by uPlot: the only one that holds its frame rate with thousands of points. */
export function LineChart(props: LineChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const theme = useTheme();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const chart = new UPlot(
      optionsOf(latest.current, element.clientWidth),
      latest.current.data as UPlot.AlignedData,
      element,
    );
    plot.current = chart;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0)
        chart.setSize({ width: element.clientWidth, height: latest.current.height ?? 150 });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [theme, props.isLog]);

  useEffect(() => plot.current?.setData(props.data as UPlot.AlignedData), [props.data]);

  return (
    <figure className="min-w-0 px-2 pb-1">
      <div
        ref={box}
        role="img"
        aria-label={`${props.label}. ${spoken(props)}`}
        className="w-full overflow-hidden"
      />
      <Legend {...props} />
    </figure>
  );
}

function lastOf(data: LineData, index: number): number | undefined {
  return data[index + 1]?.at(-1) ?? undefined;
}

/** Does not change with each point, or a screen reader would read it again and again. */
function spoken({ lines }: LineChartProps): string {
  return `Lines: ${lines.map((line) => line.label).join(', ')}.`;
}

function Legend({ lines, data, format }: LineChartProps) {
  const colors = readColors();
  return (
    <figcaption className="flex flex-wrap gap-x-4 gap-y-0.5 px-1 text-xs text-ink-2">
      {lines.map((line, index) => {
        const value = lastOf(data, index);
        return (
          <span key={line.label} className="inline-flex items-center gap-1.5">
            <svg width="22" height="6" aria-hidden="true">
              <line
                x1="0"
                y1="3"
                x2="22"
                y2="3"
                stroke={line.color(colors)}
                strokeWidth="2"
                strokeDasharray={line.dash?.join(' ')}
              />
            </svg>
            {line.label}
            <span className="font-mono text-ink">{value === undefined ? '–' : format(value)}</span>
          </span>
        );
      })}
    </figcaption>
  );
}
