import { Minus, Plus } from 'lucide-react';
import { Button } from '../ui/button.js';
import { QTY_RULE, stepQty } from './remembered-qty.js';

const PRESETS = ['0.1', '1', '5', '10', '100'];

interface QtyFieldProps {
  readonly id: string;
  readonly text: string;
  readonly isWrong: boolean;
  readonly onChange: (text: string) => void;
}

/** The quantity: typed, stepped or chosen. */
export function QtyField({ id, text, isWrong, onChange }: QtyFieldProps) {
  return (
    <>
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
            onChange={(event) => onChange(event.target.value)}
            className="h-9 w-full rounded-md border border-line-strong/60 bg-surface px-2 font-mono text-base aria-invalid:border-bad"
          />
        </div>
        <Button aria-label="One less" onClick={() => onChange(stepQty(text, -1))}>
          <Minus />
        </Button>
        <Button aria-label="One more" onClick={() => onChange(stepQty(text, 1))}>
          <Plus />
        </Button>
      </div>
      {isWrong && (
        <p id={`${id}-fault`} role="alert" className="text-xs font-medium text-bad">
          {QTY_RULE}
        </p>
      )}
      <div role="group" aria-label="Quantities" className="flex flex-wrap gap-1">
        {PRESETS.map((preset) => (
          <Button
            key={preset}
            size="sm"
            aria-pressed={preset === text}
            onClick={() => onChange(preset)}
            className="flex-1 aria-pressed:border-ink aria-pressed:bg-panel-2"
          >
            {preset}
          </Button>
        ))}
      </div>
    </>
  );
}
