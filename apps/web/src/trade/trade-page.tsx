import { TapeView } from '../tape/tape-view.js';
import { Ticket } from '../ticket/ticket-view.js';
import { useTicket } from '../ticket/use-ticket.js';
import { SideCharts } from './side-charts.js';
import { Tiles } from './tiles-view.js';

/** Ticket, tape, tiles and charts on one screen. */
export function TradePage() {
  const trade = useTicket();
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2 sm:gap-3 lg:h-[calc(100dvh-4.5rem)] lg:min-h-[44rem] lg:grid-cols-[19rem_minmax(0,1fr)] 2xl:grid-cols-[23rem_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-col gap-2 sm:gap-3">
        <Ticket onTrade={(side, qty) => void trade(side, qty)} />
        <Tiles />
      </div>
      <div className="flex min-w-0 flex-col gap-2 sm:gap-3 lg:min-h-0">
        <SideCharts />
        <TapeView />
      </div>
    </div>
  );
}
