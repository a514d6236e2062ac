import { useRef, useState } from 'react';
import { useMetrics } from '../feed/desk.context.js';
import { saveCsv } from '../format/file.saver.js';
import { usePageSettings } from '../pipeline/page.settings.js';
import { Panel } from '../ui/panel.js';
import { totalOf } from './bucket.history.js';
import { saveCharts } from './chart.saver.js';
import { DistributionTable } from './distribution.table.js';
import { LatencyControls } from './latency.controls.js';
import { latencyCsv } from './latency.export.js';
import { Burstiness, QuantileTable } from './quantile.table.js';
import { TimePanel } from './time.panel.js';
import { useLatency } from './use.latency.js';

const NOTHING =
  'No event in this time. Figures appear as events arrive; the page keeps a quarter of an hour.';
const BEFORE =
  'Lines begin when this page was opened, with the next event. The tables also hold what the sidecar counted before.';

/** How long events are under way, and how they come. */
export default function LatencyPage() {
  const settings = usePageSettings();
  const { sidecar } = useMetrics();
  const [span, setSpan] = useState('60');
  const [stillAt, setStillAt] = useState<number>();
  const charts = useRef<HTMLDivElement>(null);
  const view = useLatency(Number(span), stillAt);
  const isEmpty = view.latency.columns.every((column) => totalOf(column) === 0);
  const nothing = view.fault ?? NOTHING;
  const nothingOverTime = totalOf(view.latency.distribution) > 0 ? BEFORE : nothing;
  const window = Number(span) <= 60 ? '1m' : '5m';
  const burstiness = view.gaps?.burstiness ?? sidecar.now?.exposition.find('trading_burstiness', { window });
  const controls = (
    <LatencyControls
      span={span}
      hasLongSpans={settings?.prometheusUrl !== undefined}
      isPaused={stillAt !== undefined}
      isEmpty={isEmpty}
      onSpan={setSpan}
      onPause={() => setStillAt(stillAt === undefined ? Math.floor(Date.now() / 1000) : undefined)}
      onPng={() => charts.current && saveCharts('latency.png', charts.current)}
      onCsv={() => saveCsv('latency.csv', latencyCsv(view.latency))}
    />
  );
  const { latency, interarrival } = view;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2 sm:gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <Panel
        title="Percentiles"
        note={stillAt === undefined ? undefined : 'paused'}
        actions={controls}
        className="lg:col-span-2"
      >
        <QuantileTable view={view} />
      </Panel>
      <TimePanel spread={latency} nothing={isEmpty ? nothingOverTime : undefined} charts={charts} />
      <div className="flex min-w-0 flex-col gap-2 sm:gap-3">
        <Panel title="Distribution of latency">
          <DistributionTable
            caption="Events by latency"
            distribution={latency.distribution}
            nothing={nothing}
          />
        </Panel>
        <Panel title="Time between events" note={<Burstiness value={burstiness} />}>
          <DistributionTable
            caption="Events by time since the one before"
            distribution={interarrival.distribution}
            nothing={nothing}
          />
        </Panel>
      </div>
    </div>
  );
}
