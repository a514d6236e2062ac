import { useCallback } from 'react';
import { toast } from 'sonner';
import { isBroadcast, peerOf } from '../feed/delivery-words.js';
import { useStillDesk } from '../feed/desk-context.js';
import type { Side } from '../feed/feed-items.js';
import { formatQty, formatTime } from '../format/figures.js';
import { ProblemError } from '../net/problem-error.js';
import { postTrade, type TradeSubject } from './trade-poster.js';

const WORDS: Record<Side, string> = { buy: 'Buy', sell: 'Sell' };

/** Posts a trade, puts its row on the tape and shows the outcome. */
export function useTicket(): (side: Side, qty: number, subject?: TradeSubject) => Promise<void> {
  const desk = useStillDesk();
  return useCallback(
    async (side, qty, subject) => {
      try {
        const { notice, ...sent } = await postTrade(side, qty, subject);
        const isAway = notice !== undefined;
        const isDropped = isAway && isBroadcast(desk.link);
        desk.tape.emitted(sent, { mine: true, isDropped });
        const what = [WORDS[side], formatQty(sent.qty), sent.symbol].filter(Boolean).join(' ');
        const when = formatTime(sent.ts);
        if (isDropped) toast.error(`${what} dropped at ${when}: no sidecar is subscribed`);
        else if (isAway) toast.warning(`${what} accepted at ${when}: it waits for a ${peerOf(desk.link)}`);
        else toast.success(`${what} sent at ${when}`);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        desk.tape.refused({ ...subject, side, qty, ts: Date.now() / 1000 }, error.message);
        toast.error(`${WORDS[side]} ${formatQty(qty)} refused: ${error.message}`);
      }
      desk.signal.changedNow();
    },
    [desk],
  );
}
