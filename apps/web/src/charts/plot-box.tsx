import { useEffect, useRef } from 'react';
import UPlot from 'uplot';
import { useTheme } from '../theme/theme-store.js';
import { typeScale } from '../ui/rem-pixels.js';
import { readColors, type ChartColors } from './chart-colors.js';

/** Room for the figures of the left axis; charts above one another all have it, so that their times line up. */
export const axisLeft = (): number => Math.round(64 * typeScale());
/** Room for the figures of a right axis. */
export const axisRight = (): number => Math.round(48 * typeScale());
/** Room for the times below. */
export const axisBelow = (): number => Math.round(24 * typeScale());
/** What is written beside a plot. */
export const chartFont = (): string => `${Math.round(11 * typeScale())}px system-ui, sans-serif`;
const TOP = 8;
/** No chart is higher, so that two fit above a tape. */
const MOST_HEIGHT = 220;

/** What a chart draws beyond its data; everything but its size. */
export type PlotOptions = Omit<UPlot.Options, 'width' | 'height'>;

interface PlotBoxProps {
  /** What the chart shows, for users who cannot see it. It must not change with each point. */
  readonly label: string;
  /** Pixels at the usual size of type. */
  readonly height: number;
  readonly data: UPlot.AlignedData;
  /** Asked again when the theme changes, or `kind`. */
  readonly options: (colors: ChartColors) => PlotOptions;
  /** Names the form of the chart: another one is built anew. */
  readonly kind: string;
}

/** Axis looks that all charts share. */
export function axisOf(colors: ChartColors, size: number): UPlot.Axis {
  return {
    stroke: colors.ink2,
    grid: { stroke: colors.grid, width: 1 },
    ticks: { show: false },
    font: chartFont(),
    size,
    gap: 6,
  };
}

/** The same edges for all charts: without them uPlot makes room for its own labels, and times do not line up. */
export function paddingOf(right: number): UPlot.Padding {
  return [TOP, right, 0, 0];
}

/** A chart that uPlot draws: the only library that holds its frame rate with thousands of points. */
export function PlotBox(props: PlotBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<UPlot>(undefined);
  const theme = useTheme();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const { options, data } = latest.current;
    const size = () => ({
      width: element.clientWidth,
      height: Math.min(MOST_HEIGHT, Math.round(latest.current.height * typeScale())),
    });
    const chart = new UPlot({ ...options(readColors()), ...size() }, data, element);
    plot.current = chart;
    const observer = new ResizeObserver(() => element.clientWidth > 0 && chart.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [theme, props.kind]);

  useEffect(() => plot.current?.setData(props.data), [props.data]);

  return <div ref={box} role="img" aria-label={props.label} className="w-full overflow-hidden" />;
}
