import { Download, Image, Pause, Play } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { LineChart, type LineSpec } from '../charts/line.chart.js';
import { useMetrics } from '../feed/desk.context.js';
import { saveCsv } from '../format/file.saver.js';
import { formatDuration } from '../format/time.format.js';
import { usePageSettings } from '../pipeline/page.settings.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { Empty, Panel } from '../ui/panel.js';
import { totalOf } from './bucket.history.js';
import { saveCharts } from './chart.saver.js';
import { DistributionTable } from './distribution.table.js';
import { Heatmap } from './heatmap.view.js';
import { latencyCsv } from './latency.export.js';
import { Burstiness, QuantileTable } from './quantile.table.js';
import { quantileLines } from './time.columns.js';
import { useLatency } from './use.latency.js';

const SPANS = [
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
  { value: '900', label: '15 min' },
];
const LONG_SPANS = [
  { value: '3600', label: '1 h' },
  { value: '21600', label: '6 h' },
  { value: '86400', label: '24 h' },
];
const DASHES = [undefined, [8, 3], [4, 3], [1, 3]];
const LINES: readonly LineSpec[] = ['p50', 'p90', 'p99', 'p99.9'].map((label, index) => ({
  label,
  color: (colors) => colors.ramp[index] ?? colors.ink,
  ...(DASHES[index] && { dash: DASHES[index] }),
}));

/** How long events are under way, and how they come. */
export default function LatencyPage() {
  const settings = usePageSettings();
  const metrics = useMetrics();
  const [span, setSpan] = useState('60');
  const [stillAt, setStillAt] = useState<number>();
  const charts = useRef<HTMLDivElement>(null);
  const view = useLatency(Number(span), stillAt);
  const lines = useMemo(() => quantileLines(view.latency.bounds, view.latency.columns), [view.latency]);
  const isEmpty = totalOf(view.latency.distribution) === 0;
  const gauge = metrics.sidecar.now?.exposition.get(
    `trading_burstiness{window="${Number(span) <= 60 ? '1m' : '5m'}"}`,
  );
  const waiting =
    view.fault ??
    'No event in this time. Figures appear as events arrive; the page keeps a quarter of an hour.';
  const actions = (
    <>
      <Choice
        label="Time span"
        value={span}
        options={settings?.prometheusUrl ? [...SPANS, ...LONG_SPANS] : SPANS}
        onChange={setSpan}
      />
      <Button
        size="sm"
        aria-pressed={stillAt !== undefined}
        onClick={() => setStillAt(stillAt === undefined ? Math.floor(Date.now() / 1000) : undefined)}
      >
        {stillAt === undefined ? <Pause /> : <Play />}
        {stillAt === undefined ? 'Pause' : 'Resume'}
      </Button>
      <Button
        size="sm"
        disabled={isEmpty}
        onClick={() => charts.current && saveCharts('latency.png', charts.current)}
      >
        <Image /> PNG
      </Button>
      <Button size="sm" disabled={isEmpty} onClick={() => saveCsv('latency.csv', latencyCsv(view.latency))}>
        <Download /> CSV
      </Button>
    </>
  );
  return (
    <div className="grid gap-2 sm:gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <Panel
        title="Percentiles"
        note={stillAt === undefined ? undefined : 'paused'}
        actions={actions}
        className="lg:col-span-2"
      >
        <QuantileTable view={view} />
      </Panel>
      <Panel title="Over time" note="from emission to receipt, logarithmic">
        {isEmpty ? (
          <Empty>{waiting}</Empty>
        ) : (
          <div ref={charts} className="pt-2">
            <LineChart
              label="Latency percentiles over time"
              lines={LINES}
              data={lines}
              format={formatDuration}
              isLog
              height={200}
            />
            <h3 className="px-3 pt-3 pb-1 text-xs font-medium text-ink-2">
              Heatmap: the darker, the more events
            </h3>
            <div className="px-2 pb-2">
              <Heatmap bounds={view.latency.bounds} columns={view.latency.columns} />
            </div>
          </div>
        )}
      </Panel>
      <div className="flex min-w-0 flex-col gap-2 sm:gap-3">
        <Panel title="Distribution of latency">
          <DistributionTable
            caption="Events by latency"
            distribution={view.latency.distribution}
            nothing={waiting}
          />
        </Panel>
        <Panel title="Time between events" note={<Burstiness value={view.gaps?.burstiness ?? gauge} />}>
          <DistributionTable
            caption="Events by time since the one before"
            distribution={view.interarrival.distribution}
            nothing={waiting}
          />
        </Panel>
      </div>
    </div>
  );
}
