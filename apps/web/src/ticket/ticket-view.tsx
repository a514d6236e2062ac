import { ArrowDown, ArrowUp } from 'lucide-react';
import { useCallback, useId, useState, type SyntheticEvent } from 'react';
import type { Side } from '../feed/feed-items.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { QtyField } from './qty-field.js';
import { parseQty, rememberedQty, rememberQty } from './remembered-qty.js';
import { useTradeKeys } from './trade-keys.js';

interface TicketProps {
  readonly onTrade: (side: Side, qty: number) => void;
}

/** Buy and Sell. Enter repeats the side used last; B and S work wherever the focus is. */
export function Ticket({ onTrade }: TicketProps) {
  const [text, setText] = useState(rememberedQty);
  const [lastSide, setLastSide] = useState<Side>('buy');
  const [isTried, setTried] = useState(false);
  const id = useId();

  const trade = useCallback(
    (side: Side) => {
      setTried(true);
      setLastSide(side);
      const qty = parseQty(text);
      if (qty === undefined) return document.getElementById(id)?.focus();
      rememberQty(text);
      onTrade(side, qty);
    },
    [text, id, onTrade],
  );
  useTradeKeys(trade);

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    trade(lastSide);
  };
  return (
    <Panel title="Ticket" note={<Keys lastSide={lastSide} />}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-2 p-3">
        <QtyField id={id} text={text} isWrong={isTried && parseQty(text) === undefined} onChange={setText} />
        <div className="grid grid-cols-2 gap-2">
          <Button variant="buy" size="lg" aria-keyshortcuts="b" onClick={() => trade('buy')}>
            <ArrowUp /> Buy
          </Button>
          <Button variant="sell" size="lg" aria-keyshortcuts="s" onClick={() => trade('sell')}>
            <ArrowDown /> Sell
          </Button>
        </div>
        {/* Enter in the quantity needs a button to press. */}
        <button type="submit" hidden />
      </form>
    </Panel>
  );
}

function Keys({ lastSide }: { readonly lastSide: Side }) {
  const key = 'rounded border border-line bg-panel-2 px-1 font-mono';
  return (
    <>
      <kbd className={key}>B</kbd> buy, <kbd className={key}>S</kbd> sell, <kbd className={key}>Enter</kbd>{' '}
      {lastSide}
    </>
  );
}
