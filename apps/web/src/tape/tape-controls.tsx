import { Download, Pause, Play, Trash2 } from 'lucide-react';
import { useId } from 'react';
import { Button } from '../ui/button.js';
import { Choice } from '../ui/choice.js';
import type { TapeFilter } from './tape.filter.js';

interface TapeControlsProps {
  readonly filter: TapeFilter;
  readonly isPaused: boolean;
  readonly onFilter: (filter: TapeFilter) => void;
  readonly onPause: () => void;
  readonly onClear: () => void;
  readonly onExport: () => void;
}

const SIDE_OPTIONS = [
  { value: 'all', label: 'Both' },
  { value: 'buy', label: 'Buy' },
  { value: 'sell', label: 'Sell' },
] as const;
const SHOW_OPTIONS = [
  { value: 'all', label: 'All' },
  { value: 'mine', label: 'Mine' },
  { value: 'open', label: 'Pending' },
  { value: 'failed', label: 'Failed' },
] as const;

/** Filter, pause, clear, export. */
export function TapeControls({ filter, isPaused, onFilter, onPause, onClear, onExport }: TapeControlsProps) {
  const id = useId();
  return (
    <>
      <Choice
        label="Side"
        value={filter.side}
        options={SIDE_OPTIONS}
        onChange={(side) => onFilter({ ...filter, side })}
      />
      <Choice
        label="Show"
        value={filter.show}
        options={SHOW_OPTIONS}
        onChange={(show) => onFilter({ ...filter, show })}
      />
      <label htmlFor={id} className="text-xs text-ink-2">
        qty ≥
      </label>
      <input
        id={id}
        aria-label="Smallest quantity shown"
        inputMode="decimal"
        placeholder="0"
        className="h-7 w-14 rounded-md border border-line-strong/60 bg-surface px-1.5 text-xs"
        onChange={(event) => onFilter({ ...filter, minQty: Number(event.target.value) || 0 })}
      />
      <Button size="sm" aria-pressed={isPaused} onClick={onPause}>
        {isPaused ? <Play /> : <Pause />}
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button size="sm" onClick={onClear}>
        <Trash2 /> Clear
      </Button>
      <Button size="sm" onClick={onExport}>
        <Download /> CSV
      </Button>
    </>
  );
}
