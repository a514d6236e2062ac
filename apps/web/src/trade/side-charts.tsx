import { Pause, Play } from 'lucide-react';
import { useMemo, useState } from 'react';
import { LineChart, type LineData, type LineSpec } from '../charts/line-chart.js';
import { useStillDesk } from '../feed/desk-context.js';
import type { SecondPoint } from '../series/second-series.js';
import { useClock } from '../feed/use-clock.js';
import { formatShort } from '../format/figures.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { Panel } from '../ui/panel.js';

const SPANS = [
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
  { value: '900', label: '15 min' },
] as const;
const LINES: readonly LineSpec[] = [
  { label: 'Buy', color: (colors) => colors.buy },
  { label: 'Sell', color: (colors) => colors.sell, dash: [5, 3] },
];

function toData(points: readonly SecondPoint[], metric: 'trades' | 'volume'): LineData {
  return [
    points.map((point) => point.second),
    points.map((point) => point[metric].buy),
    points.map((point) => point[metric].sell),
  ];
}

/** Rate and volume of each past second by side. */
export function SideCharts() {
  const desk = useStillDesk();
  const nowSeconds = Math.floor(useClock());
  const [span, setSpan] = useState<'60' | '300' | '900'>('60');
  const [stillAt, setStillAt] = useState<number>();
  const end = stillAt ?? nowSeconds;
  const points = useMemo(() => desk.series.last(Number(span), end), [desk, span, end]);
  const [trades, volume] = useMemo(() => [toData(points, 'trades'), toData(points, 'volume')], [points]);
  const actions = (
    <>
      <Choice label="Time span" value={span} options={SPANS} onChange={setSpan} />
      <Button
        size="sm"
        aria-label={stillAt === undefined ? 'Pause charts' : 'Resume charts'}
        aria-pressed={stillAt !== undefined}
        onClick={() => setStillAt(stillAt === undefined ? nowSeconds : undefined)}
      >
        {stillAt === undefined ? <Pause /> : <Play />}
      </Button>
    </>
  );
  return (
    <Panel
      title="By second"
      note={stillAt === undefined ? 'applied by the sidecar' : 'applied by the sidecar; paused'}
      actions={actions}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-1 pt-2 xl:grid-cols-2">
        <div>
          <h3 className="px-3 text-xs font-medium text-ink-2">Trades per second</h3>
          <LineChart label="Trades per second by side" lines={LINES} data={trades} format={formatShort} />
        </div>
        <div>
          <h3 className="px-3 text-xs font-medium text-ink-2">Volume per second</h3>
          <LineChart label="Volume per second by side" lines={LINES} data={volume} format={formatShort} />
        </div>
      </div>
    </Panel>
  );
}
