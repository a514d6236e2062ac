import { useCallback } from 'react';
import { toast } from 'sonner';
import { useStillDesk } from '../feed/desk.context.js';
import type { Side } from '../feed/feed.items.js';
import { formatQty } from '../format/number.format.js';
import { formatTime } from '../format/time.format.js';
import { ProblemError } from '../net/problem.error.js';
import { postTrade } from './trade.poster.js';

const WORDS: Record<Side, string> = { buy: 'Buy', sell: 'Sell' };

/** Posts a trade, puts its row on the tape and says what became of it. */
export function useTicket(): (side: Side, qty: number) => Promise<void> {
  const desk = useStillDesk();
  return useCallback(
    async (side, qty) => {
      try {
        const { notice, ...sent } = await postTrade(side, qty);
        desk.tape.emitted(sent, true);
        const what = `${WORDS[side]} ${formatQty(sent.qty)} sent at ${formatTime(sent.ts)}`;
        if (notice === undefined) toast.success(what);
        else toast.warning(`${what}: it waits for the sidecar`);
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        desk.tape.refused({ side, qty, ts: Date.now() / 1000 }, error.message);
        toast.error(`${WORDS[side]} ${formatQty(qty)} not sent: ${error.message}`);
      }
      desk.signal.changedNow();
    },
    [desk],
  );
}
