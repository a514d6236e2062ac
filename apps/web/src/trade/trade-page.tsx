import { useDeskChoice } from '../choice/desk-choice.js';
import { MarketPanel } from '../market/market-panel.js';
import { SymbolPanel } from '../market/symbol-panel.js';
import { useSubject } from '../market/use-market.js';
import { HeadlineStrip } from '../strip/headline-strip.js';
import { TapeView } from '../tape/tape-view.js';
import { Ticket } from '../ticket/ticket-view.js';
import { useTicket } from '../ticket/use-ticket.js';
import { Tiles } from './tiles-view.js';

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
        <MarketPanel subject={subject} />
        <SymbolPanel subject={subject} />
        <TapeView />
      </div>
    </div>
  );
}
