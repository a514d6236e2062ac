import { useMemo, type RefObject } from 'react';
import { LineChart, type LineSpec } from '../charts/line-chart.js';
import { formatDuration } from '../format/figures.js';
import { Empty, Panel } from '../ui/panel.js';
import { Heatmap } from './heatmap-view.js';
import { quantileLines } from './time-columns.js';
import type { Spread } from './use-latency.js';

const DASHES = [undefined, [8, 3], [4, 3], [1, 3]];
const LINES: readonly LineSpec[] = ['p50', 'p90', 'p99', 'p99.9'].map((label, index) => ({
  label,
  color: (colors) => colors.ramp[index] ?? colors.ink,
  ...(DASHES[index] && { dash: DASHES[index] }),
}));

interface TimePanelProps {
  readonly spread: Spread;
  /** What is drawn, and over which time. */
  readonly note: string;
  /** Shown instead of empty charts. */
  readonly nothing: string | undefined;
  /** Where the charts are, for saving them. */
  readonly charts: RefObject<HTMLDivElement | null>;
}

/** Percentile lines and heatmap. */
export function TimePanel({ spread, note, nothing, charts }: TimePanelProps) {
  const lines = useMemo(() => quantileLines(spread), [spread]);
  return (
    <Panel title="Over time" note={note}>
      {nothing === undefined ? (
        <div ref={charts}>
          <LineChart
            title="Percentiles"
            label="Latency percentiles over time"
            lines={LINES}
            data={lines}
            from={spread.from}
            to={spread.to}
            format={formatDuration}
            height={200}
          />
          <h3 className="px-3 pt-1 text-xs leading-6 font-medium text-ink-2">
            Heatmap <span className="font-normal">the stronger the colour, the more trades</span>
          </h3>
          <Heatmap {...spread} />
        </div>
      ) : (
        <Empty>{nothing}</Empty>
      )}
    </Panel>
  );
}
