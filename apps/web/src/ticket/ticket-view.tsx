import { ArrowDown, ArrowUp } from 'lucide-react';
import { useCallback, useEffect, useId, useState, type SyntheticEvent } from 'react';
import type { Side } from '../feed/feed-items.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { QtyField } from './qty-field.js';
import { rememberedQty, rememberQty } from './remembered-qty.js';
import { FieldFault, TextField } from './text-field.js';
import { readTicket, type TicketTexts } from './ticket-input.js';
import type { TradeSubject } from './trade-poster.js';
import { useTradeKeys } from './trade-keys.js';

interface TicketProps {
  /** The symbol that the desk shows alone: it fills the field in. */
  readonly symbol?: string | undefined;
  readonly onTrade: (side: Side, qty: number, subject: TradeSubject) => void;
}

const FIELDS = ['symbol', 'price', 'qty'] as const satisfies readonly (keyof TicketTexts)[];

/** Buy and Sell. Enter repeats the side used last; B and S work wherever the focus is. */
export function Ticket({ symbol, onTrade }: TicketProps) {
  const [texts, setTexts] = useState<TicketTexts>(() => ({ qty: rememberedQty(), symbol: '', price: '' }));
  const [lastSide, setLastSide] = useState<Side>('buy');
  const [isTried, setTried] = useState(false);
  const id = useId();
  const change = (text: Partial<TicketTexts>): void => setTexts((before) => ({ ...before, ...text }));
  useEffect(() => setTexts((before) => ({ ...before, symbol: symbol ?? '', price: '' })), [symbol]);

  const trade = useCallback(
    (side: Side) => {
      setTried(true);
      setLastSide(side);
      const input = readTicket(texts);
      if (input.faults) {
        const wrong = FIELDS.find((field) => input.faults[field] !== undefined);
        return document.getElementById(`${id}${wrong}`)?.focus();
      }
      rememberQty(texts.qty);
      onTrade(side, input.qty, input.subject);
    },
    [texts, id, onTrade],
  );
  useTradeKeys(trade);

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    trade(lastSide);
  };
  const faults = (isTried && readTicket(texts).faults) || {};
  return (
    <Panel title="Ticket" note={<Keys lastSide={lastSide} />}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-2 p-3 pt-1">
        <SubjectFields id={id} texts={texts} faults={faults} onChange={change} />
        <QtyField
          id={`${id}qty`}
          text={texts.qty}
          isWrong={faults.qty !== undefined}
          onChange={(qty) => change({ qty })}
        />
        <div className="grid grid-cols-2 gap-2">
          <Button variant="buy" size="lg" aria-keyshortcuts="b" onClick={() => trade('buy')}>
            <ArrowUp /> Buy
          </Button>
          <Button variant="sell" size="lg" aria-keyshortcuts="s" onClick={() => trade('sell')}>
            <ArrowDown /> Sell
          </Button>
        </div>
        {/* Enter in a field needs a button to press. */}
        <button type="submit" hidden />
      </form>
    </Panel>
  );
}

interface SubjectFieldsProps {
  readonly id: string;
  readonly texts: TicketTexts;
  readonly faults: Partial<Record<keyof TicketTexts, string>>;
  readonly onChange: (text: Partial<TicketTexts>) => void;
}

/** What is traded, and at which price: both may stay empty. */
function SubjectFields({ id, texts, faults, onChange }: SubjectFieldsProps) {
  return (
    <>
      <div className="flex gap-1.5">
        <TextField
          id={`${id}symbol`}
          label="Symbol"
          placeholder="none"
          autoCapitalize="characters"
          value={texts.symbol}
          isWrong={faults.symbol !== undefined}
          onChange={(event) => onChange({ symbol: event.target.value })}
        />
        <TextField
          id={`${id}price`}
          label="Price"
          placeholder="none"
          inputMode="decimal"
          value={texts.price}
          isWrong={faults.price !== undefined}
          onChange={(event) => onChange({ price: event.target.value })}
        />
      </div>
      <FieldFault id={`${id}symbol`} text={faults.symbol} />
      <FieldFault id={`${id}price`} text={faults.price} />
    </>
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
