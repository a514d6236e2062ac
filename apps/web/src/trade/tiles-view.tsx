import { useState } from 'react';
import { useDesk, useMetrics } from '../feed/desk-context.js';
import { SIDES, type Side } from '../feed/feed-items.js';
import { useClock } from '../feed/use-clock.js';
import {
  formatAge,
  formatClock,
  formatCount,
  formatFitting,
  formatShort,
  formatSigned,
} from '../format/figures.js';
import { Choice } from '../ui/choice.js';
import { sinceKept } from '../metrics/counted-since.js';
import type { MetricsWatch } from '../metrics/metrics-watch.js';
import { Panel } from '../ui/panel.js';
import { SideMark } from '../ui/side-mark.js';

const WINDOWS = [
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
] as const;

interface Line {
  readonly name: string;
  readonly read: (side: Side) => string;
  readonly id?: string;
}

/** The figures of the sidecar's rolling windows, as in /metrics; a dash while the sidecar does not answer. */
function windowLines({ sidecar: { now, up } }: MetricsWatch, seconds: number): Line[] {
  const window = `${seconds / 60}m`;
  const read = (metric: string, side: Side): number | undefined =>
    up ? now?.exposition.find(`trading_window_${metric}`, { side, window }) : undefined;
  const perSecond = (side: Side): number | undefined => {
    const trades = read('trades', side);
    return trades === undefined ? undefined : trades / seconds;
  };
  return [
    { name: 'Trades /s', read: (side) => formatShort(perSecond(side)) },
    { name: 'Trades', id: 'window-trades', read: (side) => formatCount(read('trades', side)) },
    { name: 'Volume', id: 'window-volume', read: (side) => formatShort(read('volume', side)) },
    { name: 'Qty, mean', read: (side) => formatShort(read('qty_mean', side)) },
    { name: 'Qty, std dev', read: (side) => formatShort(read('qty_stddev', side)) },
    { name: 'Qty, max', read: (side) => formatShort(read('qty_max', side)) },
  ];
}

/** Which way the flow went, both sides together, as in /metrics. */
function flowLines(
  { sidecar: { now, up } }: MetricsWatch,
  window: string,
): { name: string; value: string }[] {
  const exposition = up ? now?.exposition : undefined;
  return [
    { name: 'Imbalance', value: formatSigned(exposition?.find('trading_window_imbalance', { window })) },
    { name: 'Delta in all', value: formatShort(exposition?.get('trading_volume_delta')) },
    { name: 'VPIN', value: formatShort(exposition?.get('trading_vpin')) },
  ];
}

/** Totals, window statistics and the last trade, side by side. */
export function Tiles() {
  const desk = useDesk();
  const [seconds, setSeconds] = useState<'60' | '300'>('60');
  const metrics = useMetrics();
  const window = `${Number(seconds) / 60}m`;
  const totals: Line[] = [
    { name: 'Trades', id: 'trades', read: (side) => formatCount(desk.totals?.[side].trades) },
    { name: 'Volume', id: 'volume', read: (side) => formatFitting(desk.totals?.[side].volume) },
  ];
  return (
    <Panel title="Counted by the sidecar" className="flex-1">
      <table className="w-full">
        <thead className="text-xs text-ink-2">
          <tr>
            <th scope="col" className="py-1 pl-3 text-left font-medium">
              {capitalized(sinceKept(metrics))}
            </th>
            {SIDES.map((side) => (
              <th key={side} scope="col" className="py-1 pr-3 pl-1 text-right font-medium">
                <SideMark side={side} />
              </th>
            ))}
          </tr>
        </thead>
        <Lines lines={totals} isLarge />
        <tbody>
          <WholeLine name="Rejected" id="rejected" value={formatCount(desk.totals && desk.rejected)} />
        </tbody>
        <tbody>
          <tr>
            <th
              scope="rowgroup"
              className="border-t border-line py-1.5 pl-3 text-left text-xs font-medium whitespace-nowrap text-ink-2"
            >
              In the last
            </th>
            <td colSpan={2} className="border-t border-line py-1.5 pr-3 text-right">
              <Choice label="Window" value={seconds} options={WINDOWS} onChange={setSeconds} />
            </td>
          </tr>
        </tbody>
        <Lines lines={windowLines(metrics, Number(seconds))} />
        <tbody>
          {flowLines(metrics, window).map((line) => (
            <WholeLine key={line.name} {...line} />
          ))}
        </tbody>
      </table>
      <LastTrade />
    </Panel>
  );
}

/** A figure of both sides together. */
function WholeLine({
  name,
  id,
  value,
}: {
  readonly name: string;
  readonly id?: string;
  readonly value: string;
}) {
  return (
    <tr>
      <th scope="row" className="py-0.5 pr-1 pl-3 text-left text-sm font-normal whitespace-nowrap text-ink-2">
        {name}
      </th>
      <td colSpan={2} data-testid={id} className="py-0.5 pr-3 text-right">
        {value}
      </td>
    </tr>
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
              className="py-0.5 pr-3 pl-1 text-right"
            >
              {line.read(side)}
            </td>
          ))}
        </tr>
      ))}
    </tbody>
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As in /metrics; in a flood the stream shows only a part. */
function LastTrade() {
  const nowSeconds = useClock();
  // 0 stands for none yet.
  const at = useMetrics().sidecar.now?.exposition.get('last_trade_ts_seconds') || undefined;
  return (
    <dl className="mt-auto grid grid-cols-[auto_1fr] gap-x-3 border-t border-line px-3 py-2 text-sm">
      <dt className="text-ink-2">Last trade</dt>
      <dd className="text-right whitespace-nowrap" data-testid="last-trade">
        {at === undefined ? 'none yet' : `${formatClock(at)}, ${formatAge(nowSeconds - at)}`}
      </dd>
    </dl>
  );
}
