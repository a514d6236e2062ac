import { useRef } from 'react';
import type UPlot from 'uplot';
import type { ChartColors } from '../charts/chart-colors.js';
import { axisLeft, axisRight, axisOf, paddingOf, PlotBox, type PlotOptions } from '../charts/plot-box.js';
import { formatQty, formatShort } from '../format/figures.js';
import { paintCandles, paintVolumes, within } from './bar-painter.js';
import type { BarColumns } from './bar-columns.js';

/** The charts of one key move their cursors together. */
export const CURSOR_KEY = 'bars';
/** Without prices the volume has the whole chart, with them the lowest part. */
const VOLUME_PART = 0.28;
const PADDING = 0.06;

/** A series that the painters draw: uPlot itself draws nothing of it. */
const PAINTED = { paths: (): null => null, points: { show: false } };

interface PriceChartProps {
  readonly label: string;
  readonly columns: BarColumns;
  readonly isTime: boolean;
  readonly height: number;
  /** The bar under the cursor; undefined when there is none. */
  readonly onCursor: (index: number | undefined) => void;
}

function priceRange({ bars }: BarColumns): UPlot.Range.MinMax {
  const [low, high] = [
    Math.min(...bars.map((bar) => bar.low ?? Infinity)),
    Math.max(...bars.map((bar) => bar.high ?? -Infinity)),
  ];
  if (low > high) return [0, 1];
  const room = (high - low || high * 0.001) * PADDING;
  // Below the prices there is room for the volume.
  return [low - room - ((high - low) * VOLUME_PART) / (1 - VOLUME_PART), high + room];
}

function mostVolume({ bars }: BarColumns): number {
  return Math.max(0, ...bars.map(({ volume }) => volume)) || 1;
}

function volumeRange(columns: BarColumns): UPlot.Range.MinMax {
  return [0, columns.hasPrices ? mostVolume(columns) / VOLUME_PART : mostVolume(columns) * 1.1];
}

/** Only as high as the bars reach: above them are prices. */
function volumeLabels(columns: BarColumns, volumes: readonly number[]): string[] {
  const most = mostVolume(columns) * 1.2;
  return volumes.map((volume) => (volume <= most ? formatShort(volume) : ''));
}

function optionsOf(
  isTime: boolean,
  colors: ChartColors,
  read: () => BarColumns,
  onCursor: (index: number | undefined) => void,
): PlotOptions {
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
      y: { range: () => priceRange(read()) },
      volume: { range: () => volumeRange(read()) },
    },
    axes: [
      // The chart below has the times.
      { ...axisOf(colors, 4), space: 80, values: (_plot, splits) => splits.map(() => '') },
      {
        ...axisOf(colors, axisLeft()),
        space: 34,
        values: (_plot, prices) => prices.map((price) => (read().hasPrices ? formatQty(price) : '')),
      },
      {
        ...axisOf(colors, axisRight()),
        scale: 'volume',
        side: 1,
        grid: { show: false },
        space: 24,
        values: (_plot, volumes) => volumeLabels(read(), volumes),
      },
    ],
    series: [{}, { ...PAINTED, scale: 'y' }, { ...PAINTED, scale: 'volume' }],
    hooks: {
      draw: [
        (plot) =>
          within(plot, colors, read().hasPrices ? 0.4 : 0.9, (brush) =>
            paintVolumes(brush, read(), 'volume'),
          ),
        (plot) => within(plot, colors, 1, (brush) => paintCandles(brush, read(), 'y')),
      ],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? undefined)],
    },
  };
}

/** Candles with the volume below; volume alone where trades have no price. */
export function PriceChart({ label, columns, isTime, height, onCursor }: PriceChartProps) {
  const latest = useRef(columns);
  latest.current = columns;
  const { x, bars } = columns;
  const data: UPlot.AlignedData = [[...x], bars.map(({ close }) => close), bars.map(({ volume }) => volume)];
  return (
    <PlotBox
      kind={isTime ? 'time' : 'volume'}
      label={label}
      height={height}
      data={data}
      options={(colors) => optionsOf(isTime, colors, () => latest.current, onCursor)}
    />
  );
}
