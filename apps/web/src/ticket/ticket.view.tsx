import { ArrowDown, ArrowUp, Minus, Plus } from 'lucide-react';
import { useCallback, useId, useState, type SyntheticEvent } from 'react';
import type { Side } from '../feed/feed.items.js';
import { Button } from '../ui/button.js';
import { Panel } from '../ui/panel.js';
import { parseQty, rememberedQty, rememberQty, stepQty } from './remembered.qty.js';
import { useTradeKeys } from './trade.keys.js';

const PRESETS = ['0.1', '1', '5', '10', '100'];

interface TicketProps {
  readonly onTrade: (side: Side, qty: number) => void;
}

/** Buy and Sell. Enter repeats the side used last; B and S work wherever the focus is. */
export function Ticket({ onTrade }: TicketProps) {
  const [text, setText] = useState(rememberedQty);
  const [lastSide, setLastSide] = useState<Side>('buy');
  const [isTried, setTried] = useState(false);
  const id = useId();
  const qty = parseQty(text);
  const isWrong = isTried && qty === undefined;

  const trade = useCallback(
    (side: Side) => {
      setTried(true);
      setLastSide(side);
      const value = parseQty(text);
      if (value === undefined) return document.getElementById(id)?.focus();
      rememberQty(text);
      onTrade(side, value);
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
        <div className="flex items-end gap-1.5">
          <div className="min-w-0 flex-1">
            <label htmlFor={id} className="text-xs font-medium text-ink-2">
              Quantity
            </label>
            <input
              id={id}
              data-trade-keys=""
              inputMode="decimal"
              autoComplete="off"
              value={text}
              aria-invalid={isWrong}
              aria-describedby={isWrong ? `${id}-fault` : undefined}
              onChange={(event) => setText(event.target.value)}
              className="h-9 w-full rounded-md border border-line-strong/60 bg-surface px-2 font-mono text-base aria-invalid:border-bad"
            />
          </div>
          <Button size="md" aria-label="One less" onClick={() => setText(stepQty(text, -1))}>
            <Minus />
          </Button>
          <Button size="md" aria-label="One more" onClick={() => setText(stepQty(text, 1))}>
            <Plus />
          </Button>
        </div>
        {isWrong && (
          <p id={`${id}-fault`} role="alert" className="text-xs font-medium text-bad">
            A quantity is a plain number of 0 or more, such as 2.5
          </p>
        )}
        <div role="group" aria-label="Quantities" className="flex flex-wrap gap-1">
          {PRESETS.map((preset) => (
            <Button
              key={preset}
              size="sm"
              aria-pressed={preset === text}
              onClick={() => setText(preset)}
              className="flex-1 aria-pressed:border-ink aria-pressed:bg-panel-2"
            >
              {preset}
            </Button>
          ))}
        </div>
        <div className="grid grid-cols-2 gap-2">
          <Button variant="buy" size="lg" aria-keyshortcuts="b" onClick={() => trade('buy')}>
            <ArrowUp /> Buy
          </Button>
          <Button variant="sell" size="lg" aria-keyshortcuts="s" onClick={() => trade('sell')}>
            <ArrowDown /> Sell
          </Button>
        </div>
        <button type="submit" className="sr-only" tabIndex={-1} aria-hidden="true" />
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
