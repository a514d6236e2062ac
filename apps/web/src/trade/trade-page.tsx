import { lazy, Suspense } from 'react';
import { useDeskChoice } from '../choice/desk-choice.js';
import { SymbolPanel } from '../market/symbol-panel.js';
import { useSubject } from '../market/use-market.js';
import { HeadlineStrip } from '../strip/headline-strip.js';
import { TapeView } from '../tape/tape-view.js';
import { Ticket } from '../ticket/ticket-view.js';
import { useTicket } from '../ticket/use-ticket.js';
import { Empty, Panel } from '../ui/panel.js';
import { Tiles } from './tiles-view.js';

/** A trade can be posted before the charts are loaded. */
const MarketPanel = lazy(() => import('../market/market-panel.js'));

/** Headline figures, ticket, charts, symbols, tape and totals on one screen; docs/design/desk.md has the drawing. */
export function TradePage() {
  const trade = useTicket();
  const subject = useSubject();
  const symbol = useDeskChoice((choice) => choice.symbol);
  return (
    <div className="desk">
      <HeadlineStrip />
      <div className="desk-side">
        <Ticket symbol={symbol} onTrade={(side, qty, about) => void trade(side, qty, about)} />
        <Tiles />
      </div>
      <div className="desk-main">
        <Suspense fallback={<ChartsToCome />}>
          <MarketPanel subject={subject} />
        </Suspense>
        <SymbolPanel subject={subject} />
        <TapeView />
      </div>
    </div>
  );
}

/** As high as the charts, so that nothing jumps when they are there. */
function ChartsToCome() {
  return (
    <Panel title="Charts" className="min-h-[33rem]">
      <Empty>Loading …</Empty>
    </Panel>
  );
}
