import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { memo, useRef } from 'react';
import { choose, toggleSymbol, useDeskChoice, type RankBy } from '../choice/desk-choice.js';
import {
  formatCount,
  formatMoney,
  formatPrice,
  formatShare,
  formatShort,
  formatSpan,
} from '../format/figures.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { cn } from '../ui/class-names.js';
import { Empty, Panel } from '../ui/panel.js';
import { remPixels } from '../ui/rem-pixels.js';
import type { SymbolFigures, SymbolsAnswer } from './market-client.js';
import { useRankMoves } from './rank-moves.js';
import { useSymbols, type Subject } from './use-market.js';

const RANKINGS = [
  { value: 'notional', label: 'Notional' },
  { value: 'volume', label: 'Volume' },
  { value: 'trades', label: 'Trades' },
] as const satisfies readonly { value: RankBy; label: string }[];
const ROW_REM = 3.25;

/** The symbols of the last trades by rank; a press on one shows it alone. */
export function SymbolPanel({ subject }: { readonly subject: Subject }) {
  const { rankBy, span, symbol: chosen } = useDeskChoice();
  const { symbols, fault } = useSymbols();
  const inSpan = `in the last ${formatSpan(Number(span))}`;
  const nothing = fault ?? (symbols ? `No trade with a symbol ${inSpan}.` : 'Asking the sidecar …');
  return (
    <Panel
      title="Symbols"
      note={symbols && symbols.count > 0 ? `${formatCount(symbols.count)} ${inSpan}` : ''}
      className="min-h-0 overflow-hidden"
      actions={
        <>
          {chosen !== undefined && (
            <Button size="sm" onClick={() => choose({ symbol: undefined })}>
              <X /> Show all
            </Button>
          )}
          <Choice
            label="Rank by"
            value={rankBy}
            options={RANKINGS}
            onChange={(next) => choose({ rankBy: next })}
          />
        </>
      }
    >
      {symbols && symbols.symbols.length > 0 ? (
        <SymbolRows answer={symbols} subject={subject} />
      ) : (
        <Empty>{nothing}</Empty>
      )}
    </Panel>
  );
}

function SymbolRows({ answer, subject }: { readonly answer: SymbolsAnswer; readonly subject: Subject }) {
  const scroller = useRef<HTMLDivElement>(null);
  const moves = useRankMoves(answer.symbols);
  const { symbols } = answer;
  const rowHeight = ROW_REM * remPixels();
  const rows = useVirtualizer({
    count: symbols.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => symbols[index]?.symbol ?? index,
    overscan: 6,
  });
  const largest = symbols[0]?.share ?? 0;
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="List of symbols"
      className="desk-symbols min-h-0 flex-1 overflow-auto border-t border-line"
    >
      <ul style={{ height: rows.getTotalSize() }} className="relative" data-testid="symbols">
        {rows.getVirtualItems().map(({ index, key, start, size }) => {
          const figures = symbols[index];
          return (
            figures && (
              <li
                key={key}
                aria-setsize={symbols.length}
                aria-posinset={index + 1}
                className="absolute inset-x-0 top-0 border-b border-line/60"
                style={{ transform: `translateY(${start}px)`, height: size }}
              >
                <SymbolRow
                  figures={figures}
                  by={answer.by}
                  move={moves.get(figures.symbol) ?? 0}
                  largest={largest}
                  state={stateOf(figures.symbol, subject)}
                />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}

type RowState = 'chosen' | 'charted' | 'other';

function stateOf(symbol: string, subject: Subject): RowState {
  if (symbol !== subject.symbol) return 'other';
  return subject.isChosen ? 'chosen' : 'charted';
}

function rankedFigure(figures: SymbolFigures, by: RankBy): string {
  if (by === 'trades') return `${formatShort(figures.trades)} trades`;
  return by === 'volume' ? formatShort(figures.volume) : formatMoney(figures.notional ?? undefined);
}

interface SymbolRowProps {
  readonly figures: SymbolFigures;
  readonly by: RankBy;
  /** Places that it rose; negative when it fell. */
  readonly move: number;
  readonly largest: number;
  readonly state: RowState;
}

const SymbolRow = memo(function SymbolRow({ figures, by, move, largest, state }: SymbolRowProps) {
  const { rank, symbol, lastPrice, share, delta, volume } = figures;
  const bought = volume > 0 ? (volume + delta) / 2 / volume : 0;
  const width = largest > 0 ? ((share ?? 0) / largest) * 100 : 0;
  return (
    <button
      type="button"
      aria-pressed={state === 'chosen'}
      onClick={() => toggleSymbol(symbol)}
      className={cn(
        'grid h-full w-full cursor-pointer grid-cols-[2.6rem_minmax(0,1fr)_auto] items-center gap-x-2 border-l-2 border-transparent px-2 text-left -outline-offset-2 hover:bg-panel-2',
        state === 'charted' && 'border-line-strong',
        state === 'chosen' && 'border-accent bg-panel-2',
      )}
    >
      <span className="row-span-2 flex items-center gap-0.5 text-ink-2">
        <span className="w-[2.4ch] text-right">{rank}</span>
        <RankMove move={move} />
      </span>
      <span className="truncate font-semibold">{symbol}</span>
      <span className="text-right font-medium">{formatPrice(lastPrice ?? undefined)}</span>
      <span className="flex min-w-0 items-center gap-2">
        <ShareBar width={width} bought={bought} />
      </span>
      <span className="text-right text-xs text-ink-2">
        {rankedFigure(figures, by)}
        <span className="sr-only">
          {share !== null && `, ${formatShare(share)} of all`}, {formatShare(bought)} of the volume bought
        </span>
      </span>
    </button>
  );
});

/** The share of all as a length; of that, the bought part at the left and the sold part at the right. */
function ShareBar({ width, bought }: { readonly width: number; readonly bought: number }) {
  return (
    <svg width="100%" height="6" aria-hidden="true" className="rounded-sm bg-panel-2">
      <rect width={`${width}%`} height="6" className="fill-sell" />
      <rect width={`${width * bought}%`} height="6" className="fill-buy" />
    </svg>
  );
}

function RankMove({ move }: { readonly move: number }) {
  if (move === 0) return <span className="w-3.5" />;
  return (
    <span className={cn('w-3.5 [&_svg]:size-3.5', move > 0 ? 'text-good' : 'text-bad')}>
      {move > 0 ? <ChevronUp aria-hidden="true" /> : <ChevronDown aria-hidden="true" />}
      <span className="sr-only">{move > 0 ? `, up ${move}` : `, down ${-move}`}</span>
    </span>
  );
}
