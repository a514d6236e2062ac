import { Minus, Plus } from 'lucide-react';
import { Button } from '../ui/button.js';
import { QTY_RULE, stepQty } from './remembered-qty.js';
import { FieldFault, TextField } from './text-field.js';

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
        <TextField
          id={id}
          label="Quantity"
          data-trade-keys=""
          inputMode="decimal"
          value={text}
          isWrong={isWrong}
          onChange={(event) => onChange(event.target.value)}
          className="text-base"
        />
        <Button aria-label="One less" onClick={() => onChange(stepQty(text, -1))}>
          <Minus />
        </Button>
        <Button aria-label="One more" onClick={() => onChange(stepQty(text, 1))}>
          <Plus />
        </Button>
      </div>
      <FieldFault id={id} text={isWrong ? QTY_RULE : undefined} />
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
