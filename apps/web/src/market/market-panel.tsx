import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { choose, useDeskChoice } from '../choice/desk-choice.js';
import { readColors } from '../charts/chart-colors.js';
import { ChartHeading, LineMark, type LegendEntry } from '../charts/chart-legend.js';
import { formatPrice, formatShort, formatSigned, formatSpan } from '../format/figures.js';
import { useTheme } from '../theme/theme-store.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { Panel } from '../ui/panel.js';
import type { BarColumns } from './bar-columns.js';
import { FlowChart } from './flow-chart.js';
import { PriceChart } from './price-chart.js';
import { useBars, type MarketBars, type Subject } from './use-market.js';

const SPANS = [
  { value: '60', label: '1 min' },
  { value: '300', label: '5 min' },
  { value: '900', label: '15 min' },
] as const;
const KINDS = [
  { value: 'time', label: 'Time' },
  { value: 'volume', label: 'Volume' },
] as const;
const PRICE_HEIGHT = 200;
const FLOW_HEIGHT = 180;
const NO_BARS: BarColumns = {
  x: [],
  step: 1,
  from: 0,
  to: 1,
  bars: [],
  bought: [],
  sold: [],
  imbalance: [],
  delta: [],
  hasPrices: false,
};

function sizeWords({ by, size }: MarketBars): string {
  if (size === undefined) return '';
  return by === 'time' ? `, bars of ${formatSpan(size)}` : `, bars of ${formatShort(size)}`;
}

function Swatch({ side }: { readonly side: 'buy' | 'sell' }) {
  return (
    <svg width="8" height="10" aria-hidden="true" className={side === 'buy' ? 'fill-buy' : 'fill-sell'}>
      {side === 'buy' ? <path d="M0 10 4 0l4 10z" /> : <path d="M0 0h8L4 10z" />}
    </svg>
  );
}

/** The figures of one bar: the one under the cursor, or the newest. */
function barEntries(columns: BarColumns, index: number): LegendEntry[] {
  const bar = columns.bars[index];
  const prices = [
    { label: 'Open', value: formatPrice(bar?.open ?? undefined), isExtra: true },
    { label: 'High', value: formatPrice(bar?.high ?? undefined), isExtra: true },
    { label: 'Low', value: formatPrice(bar?.low ?? undefined), isExtra: true },
    { label: 'Close', value: formatPrice(bar?.close ?? undefined) },
  ];
  return [
    ...(columns.hasPrices ? prices : []),
    { label: 'Bought', mark: <Swatch side="buy" />, value: formatShort(columns.bought[index]) },
    { label: 'Sold', mark: <Swatch side="sell" />, value: formatShort(columns.sold[index]) },
  ];
}

function flowEntries(columns: BarColumns, index: number): LegendEntry[] {
  return [
    {
      label: 'Delta, added up',
      mark: <LineMark color={readColors().ink} />,
      value: formatShort(columns.delta[index]),
    },
    {
      label: 'Imbalance',
      mark: (
        <>
          <Swatch side="buy" />
          <Swatch side="sell" />
        </>
      ),
      value: formatSigned(columns.imbalance[index] ?? undefined),
    },
  ];
}

function noteOf(bars: MarketBars | undefined, { isChosen, symbol }: Subject, isPaused: boolean): string {
  return [
    isPaused && 'paused',
    symbol !== undefined && !isChosen && 'it led when the page opened',
    bars && !bars.complete && 'in part: the sidecar no longer has all trades of this time',
  ]
    .filter((part) => part !== undefined && part !== false)
    .join(' · ');
}

interface ControlsProps {
  readonly isPaused: boolean;
  readonly onPause: () => void;
  /** Another choice shows what is now. */
  readonly onChoice: () => void;
}

function Controls({ isPaused, onPause, onChoice }: ControlsProps) {
  const { barsBy, span } = useDeskChoice();
  const chooseAnew = (choice: Parameters<typeof choose>[0]): void => {
    onChoice();
    choose(choice);
  };
  return (
    <>
      <Choice
        label="Bars by"
        value={barsBy}
        options={KINDS}
        onChange={(kind) => chooseAnew({ barsBy: kind })}
      />
      <Choice
        label="Time span"
        value={span}
        options={SPANS}
        onChange={(next) => chooseAnew({ span: next })}
      />
      <Button
        size="sm"
        aria-label={isPaused ? 'Resume charts' : 'Pause charts'}
        aria-pressed={isPaused}
        onClick={onPause}
      >
        {isPaused ? <Play /> : <Pause />}
      </Button>
    </>
  );
}

/** Price, volume and flow of one symbol, or of all trades where none has a symbol. */
export default function MarketPanel({ subject }: { readonly subject: Subject }) {
  const { bars: newest, fault } = useBars(subject.symbol);
  const [still, setStill] = useState<MarketBars>();
  const bars = still ?? newest;
  const { hasPrices, bars: list } = bars?.columns ?? NO_BARS;
  const close = list.findLast((bar) => bar.close !== null)?.close;
  const span = useDeskChoice((choice) => choice.span);
  const nothing = bars ? `No trade in the last ${formatSpan(Number(span))}.` : 'Asking the sidecar …';
  return (
    <Panel
      title={subject.symbol ?? 'All trades'}
      figure={hasPrices ? formatPrice(close ?? undefined) : undefined}
      note={noteOf(bars, subject, still !== undefined)}
      actions={
        <Controls
          isPaused={still !== undefined}
          onPause={() => setStill(still ? undefined : newest)}
          onChoice={() => setStill(undefined)}
        />
      }
    >
      <div className="relative pb-1">
        <Charts what={subject.symbol ?? 'all trades'} bars={bars} />
        {list.length === 0 && (
          <p className="absolute inset-x-0 top-24 px-4 text-center text-ink-2">{fault ?? nothing}</p>
        )}
      </div>
    </Panel>
  );
}

/** Price and volume above, flow below, on one time axis; the legends tell the bar under the cursor. */
function Charts({ what, bars }: { readonly what: string; readonly bars: MarketBars | undefined }) {
  // The legends' colours follow the theme.
  useTheme();
  const barsBy = useDeskChoice((choice) => choice.barsBy);
  const [cursor, setCursor] = useState<number>();
  const columns = bars?.columns ?? NO_BARS;
  const index = cursor ?? columns.bars.length - 1;
  const isTime = (bars?.by ?? barsBy) === 'time';
  const name = columns.hasPrices ? 'Price and volume' : 'Volume';
  return (
    <>
      <ChartHeading
        key={`bars of ${what}`}
        title={`${name}${bars ? sizeWords(bars) : ''}`}
        entries={barEntries(columns, index)}
      />
      <PriceChart
        label={`${name} of ${what}. Bought volume below, sold volume on top of it.`}
        columns={columns}
        isTime={isTime}
        height={PRICE_HEIGHT}
        onCursor={setCursor}
      />
      <ChartHeading key={`flow of ${what}`} title="Flow" entries={flowEntries(columns, index)} />
      <FlowChart
        label={`Flow of ${what}: bought minus sold volume, added up, and the imbalance of each bar.`}
        columns={columns}
        isTime={isTime}
        height={FLOW_HEIGHT}
      />
    </>
  );
}
