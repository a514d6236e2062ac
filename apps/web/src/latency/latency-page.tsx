import { useRef, useState, type ReactNode } from 'react';
import { useMetrics } from '../feed/desk-context.js';
import { formatSpan } from '../format/figures.js';
import { saveCsv } from '../format/file-saver.js';
import { usePageSettings } from '../pipeline/page-settings.js';
import { Panel } from '../ui/panel.js';
import { totalOf } from './bucket-history.js';
import { saveCharts } from './chart-saver.js';
import { DistributionTable } from './distribution-table.js';
import { LatencyControls } from './latency-controls.js';
import { latencyCsv } from './latency-export.js';
import { Burstiness, QuantileTable } from './quantile-table.js';
import { TimePanel } from './time-panel.js';
import { useLatency, type LatencyView } from './use-latency.js';

const NOTHING = 'No trade in this time.';
const BEFORE = 'This page draws what it has read since it was opened: the lines begin with the next trade.';

function readBy({ reader }: LatencyView): string {
  return reader === 'page' ? 'read by this page' : 'Prometheus';
}

/**
 * The sidecar's figure for the chosen time span; for longer spans the metric's own window. Undefined while the page is paused.
 */
function useBurstiness({ gaps }: LatencyView, seconds: number, isPaused: boolean): ReactNode {
  const { sidecar } = useMetrics();
  if (isPaused) return undefined;
  if (gaps) return <Burstiness value={gaps.burstiness ?? undefined} span={formatSpan(seconds)} />;
  const [window, span] = seconds <= 60 ? ['1m', '1 min'] : ['5m', '5 min'];
  const value = sidecar.now?.exposition.find('trading_burstiness', { window });
  return <Burstiness value={value} span={span} />;
}

/** How long trades travel, and the times between them. */
export default function LatencyPage() {
  const settings = usePageSettings();
  const [span, setSpan] = useState('60');
  const [stillAt, setStillAt] = useState<number>();
  const charts = useRef<HTMLDivElement>(null);
  const view = useLatency(Number(span), stillAt);
  const isEmpty = view.latency.columns.every((column) => totalOf(column) === 0);
  const nothing = view.fault ?? NOTHING;
  const nothingOverTime = totalOf(view.latency.distribution) > 0 ? BEFORE : nothing;
  const asked = formatSpan(Number(span));
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
  const burstiness = useBurstiness(view, Number(span), stillAt !== undefined);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <Panel
        title="Percentiles"
        note={stillAt === undefined ? undefined : 'paused'}
        actions={controls}
        className="lg:col-span-2"
      >
        <QuantileTable view={view} span={asked} />
      </Panel>
      <TimePanel
        spread={view.latency}
        note={`emitted → received, log scale; ${readBy(view)}, last ${formatSpan(view.readSeconds)}`}
        nothing={isEmpty ? nothingOverTime : undefined}
        charts={charts}
      />
      <Distributions view={view} asked={asked} nothing={nothing} burstiness={burstiness} />
    </div>
  );
}

interface DistributionsProps {
  readonly view: LatencyView;
  /** The chosen time span, in words. */
  readonly asked: string;
  readonly nothing: string;
  readonly burstiness: ReactNode;
}

function Distributions({ view, asked, nothing, burstiness }: DistributionsProps) {
  const { latency, interarrival, exact } = view;
  const reach = exact ? `sidecar, last ${asked}` : `${readBy(view)}, last ${formatSpan(view.readSeconds)}`;
  return (
    <div className="flex min-w-0 flex-col gap-2">
      <Panel title="Distribution, emitted → received" note={reach} className="flex-1">
        <DistributionTable
          caption="Trades by latency"
          distribution={latency.distribution}
          nothing={nothing}
        />
      </Panel>
      <Panel title="Time between trades" note={burstiness ?? reach} className="flex-1">
        <DistributionTable
          caption="Trades by time since the previous one"
          distribution={interarrival.distribution}
          nothing={nothing}
        />
      </Panel>
    </div>
  );
}
