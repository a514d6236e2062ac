import { useId, useState, type SyntheticEvent } from 'react';
import { SIDES, type Side } from '../feed/feed-items.js';
import { readLetter, type Letter } from '../feed/letter.js';
import { formatBytes, formatTime } from '../format/figures.js';
import { visibleText } from '../format/visible-text.js';
import { parseQty, QTY_RULE } from '../ticket/remembered-qty.js';
import { useTicket } from '../ticket/use-ticket.js';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import { Dialog } from '../ui/dialog.js';
import { LetterReplay } from './letter-replay.js';

const SIDE_OPTIONS = SIDES.map((side) => ({ value: side, label: side === 'buy' ? 'Buy' : 'Sell' }));

/** One dead letter in full, with a replay if that can succeed, and a form for a corrected trade. */
export function LetterDialog({ letter, onClose }: { readonly letter: Letter; readonly onClose: () => void }) {
  const cut = letter.truncated ? ', of which only the beginning was kept' : '';
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Rejected: ${letter.reason}`}
      description={`${visibleText(letter.detail)}. Received at ${formatTime(letter.receivedAtSeconds)}; ${formatBytes(letter.contentBytes)}${cut}, shown as ${letter.encoding}.`}
    >
      <pre
        tabIndex={0}
        aria-label="Content"
        className="max-h-64 overflow-auto rounded-md border border-line bg-panel-2 p-2 font-mono text-xs break-all whitespace-pre-wrap"
      >
        {visibleText(letter.content) || '(empty)'}
      </pre>
      <LetterReplay letter={letter} onSent={onClose} />
      <SendCorrected letter={letter} onSent={onClose} />
    </Dialog>
  );
}

function SendCorrected({ letter, onSent }: { readonly letter: Letter; readonly onSent: () => void }) {
  const found = readLetter(letter);
  const [side, setSide] = useState<Side>(found.side ?? 'buy');
  const [text, setText] = useState(found.qty === undefined ? '' : String(found.qty));
  const trade = useTicket();
  const id = useId();
  const qty = parseQty(text);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (qty === undefined) return;
    void trade(side, qty).then(onSent);
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-center gap-2 border-t border-line pt-3">
      <span className="w-full text-ink-2">Post a corrected trade instead, with the current time:</span>
      <Choice label="Side" value={side} options={SIDE_OPTIONS} onChange={setSide} />
      <label htmlFor={id}>Quantity</label>
      <input
        id={id}
        inputMode="decimal"
        value={text}
        aria-invalid={qty === undefined}
        aria-describedby={qty === undefined ? `${id}-fault` : undefined}
        onChange={(event) => setText(event.target.value)}
        className="h-8 w-28 rounded-md border border-line-strong/60 bg-surface px-2"
      />
      <Button type="submit" variant="primary" disabled={qty === undefined} className="ml-auto">
        Send corrected
      </Button>
      {qty === undefined && (
        <p id={`${id}-fault`} role="status" className="w-full text-xs font-medium text-bad">
          {QTY_RULE}
        </p>
      )}
    </form>
  );
}
