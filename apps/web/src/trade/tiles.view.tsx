import { useState } from 'react';
import { useDesk, useMetrics } from '../feed/desk.context.js';
import type { Desk } from '../feed/desk.js';
import { SIDES, type Side } from '../feed/feed.items.js';
import { useClock } from '../feed/use.clock.js';
import { formatCount, formatFitting, formatShort } from '../format/number.format.js';
import { formatAge, formatTime } from '../format/time.format.js';
import { Choice } from '../ui/choice.js';
import type { MetricsWatch } from '../metrics/metrics.watch.js';
import { Panel } from '../ui/panel.js';
import { SideMark } from '../ui/side.mark.js';

const WINDOWS = [
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
] as const;

interface Line {
  readonly name: string;
  readonly read: (side: Side) => string;
  readonly id?: string;
}

/** What the sidecar keeps over its rolling windows; undefined from one that keeps none, or that is away. */
function windowReader(
  metrics: MetricsWatch,
  seconds: number,
): (metric: string, side: Side) => number | undefined {
  const { now, up } = metrics.sidecar;
  const window = `${seconds / 60}m`;
  return (metric, side) =>
    up ? now?.exposition.find(`trading_window_${metric}`, { side, window }) : undefined;
}

function windowLines(desk: Desk, metrics: MetricsWatch, seconds: number): Line[] {
  const nowSeconds = Date.now() / 1000;
  const read = windowReader(metrics, seconds);
  const own = (side: Side) => desk.series.sum(side, seconds, nowSeconds);
  const rateOf = (side: Side): number => {
    const kept = read('trades', side);
    return kept === undefined ? own(side).trades / Math.max(1, own(side).seconds) : kept / seconds;
  };
  return [
    { name: 'Rate /s', read: (side) => formatShort(rateOf(side)) },
    { name: 'Trades', read: (side) => formatCount(read('trades', side) ?? own(side).trades) },
    { name: 'Volume', read: (side) => formatShort(read('volume', side) ?? own(side).volume) },
    {
      name: 'Mean qty',
      read: (side) => formatShort(read('qty_mean', side) ?? own(side).volume / own(side).trades),
    },
    { name: 'Std dev', read: (side) => formatShort(read('qty_stddev', side)) },
    { name: 'Largest', read: (side) => formatShort(read('qty_max', side)) },
  ];
}

/** Totals, window statistics and the last trade, side by side. */
export function Tiles() {
  const desk = useDesk();
  const [seconds, setSeconds] = useState<'60' | '300'>('60');
  const metrics = useMetrics();
  const totals: Line[] = [
    { name: 'Trades', id: 'trades', read: (side) => formatCount(desk.totals?.[side].trades) },
    { name: 'Volume', id: 'volume', read: (side) => formatFitting(desk.totals?.[side].volume) },
  ];
  return (
    <Panel
      title="Counted by the sidecar"
      actions={<Choice label="Window" value={seconds} options={WINDOWS} onChange={setSeconds} />}
    >
      <table className="w-full">
        <thead className="text-xs text-ink-2">
          <tr>
            <th scope="col" className="py-1.5 pl-3 text-left font-medium whitespace-nowrap">
              Since its start
            </th>
            {SIDES.map((side) => (
              <th key={side} scope="col" className="px-3 py-1.5 text-right font-medium">
                <SideMark side={side} />
              </th>
            ))}
          </tr>
        </thead>
        <Lines lines={totals} isLarge />
        <tbody>
          <tr>
            <th
              scope="rowgroup"
              colSpan={3}
              className="border-t border-line px-3 pt-2 text-left text-xs font-medium text-ink-2"
            >
              Last {Number(seconds) / 60} min
            </th>
          </tr>
        </tbody>
        <Lines lines={windowLines(desk, metrics, Number(seconds))} />
      </table>
      <LastTrade />
    </Panel>
  );
}

function Lines({ lines, isLarge = false }: { readonly lines: readonly Line[]; readonly isLarge?: boolean }) {
  return (
    <tbody>
      {lines.map((line) => (
        <tr key={line.name} className={isLarge ? 'text-base font-semibold' : ''}>
          <th
            scope="row"
            className="py-0.5 pr-1 pl-3 text-left text-sm font-normal whitespace-nowrap text-ink-2"
          >
            {line.name}
          </th>
          {SIDES.map((side) => (
            <td
              key={side}
              data-testid={line.id && `${line.id}-${side}`}
              className="py-0.5 pr-3 pl-1 text-right font-mono"
            >
              {line.read(side)}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

/** The last trade of before this page looked on, in unix epoch seconds; undefined when there was none. */
function lastTradeBefore({ sidecar }: MetricsWatch): number | undefined {
  const seconds = sidecar.now?.exposition.get('last_trade_ts_seconds');
  // 0 stands for none yet.
  return seconds === 0 ? undefined : seconds;
}

function LastTrade() {
  const desk = useDesk();
  const nowSeconds = useClock();
  const metrics = useMetrics();
  const at = desk.lastTradeSeconds ?? lastTradeBefore(metrics);
  return (
    <dl className="mt-auto grid grid-cols-2 gap-x-3 border-t border-line px-3 py-2 text-sm">
      <dt className="text-ink-2">Last trade</dt>
      <dd className="text-right font-mono">
        {at === undefined ? 'none seen yet' : `${formatTime(at).slice(0, 8)}, ${formatAge(nowSeconds - at)}`}
      </dd>
      <dt className="text-ink-2">Rejected</dt>
      <dd data-testid="rejected" className="text-right font-mono">
        {desk.totals ? formatCount(desk.rejected) : '–'}
      </dd>
    </dl>
  );
}
