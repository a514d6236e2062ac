import { Play } from 'lucide-react';
import { useClock } from '../feed/use-clock.js';
import { formatShort, formatSpan } from '../format/figures.js';
import { Button } from '../ui/button.js';
import { cn } from '../ui/class-names.js';
import { useDemo, type Demo } from './use-demo.js';

function restOf({ rate, endsAt }: Demo, nowSeconds: number): string {
  const rest = Math.max(0, Math.ceil((endsAt ?? nowSeconds) - nowSeconds));
  return `${formatShort(rate)}/s, ${formatSpan(rest)} left`;
}

/** Starts and stops made-up trades; nothing where the publisher has no demo. */
export function DemoSwitch() {
  const offered = useDemo();
  const nowSeconds = useClock();
  if (!offered) return null;
  const { demo, isAsking, turn } = offered;
  return (
    <div className="flex items-center gap-2 text-sm">
      {demo.running && (
        <span className="text-xs text-ink-2 max-md:sr-only" data-testid="demo-rest">
          {restOf(demo, nowSeconds)}
        </span>
      )}
      <button
        type="button"
        role="switch"
        aria-checked={demo.running}
        disabled={isAsking || !demo.available}
        title="Made-up trades, marked DEMO-, so that you see the desk move"
        onClick={() => turn(!demo.running)}
        className="flex h-8 cursor-pointer items-center gap-1.5 rounded px-1 text-ink-2 hover:text-ink disabled:cursor-not-allowed"
      >
        Demo
        <span
          aria-hidden="true"
          className={cn(
            'flex h-4.5 w-8 items-center rounded-full border border-line-strong px-0.5',
            demo.running && 'justify-end border-good bg-good',
          )}
        >
          <span className={cn('size-3 rounded-full bg-line-strong', demo.running && 'bg-panel')} />
        </span>
      </button>
    </div>
  );
}

/** The same as a button, where nothing is to be seen yet. */
export function DemoStart() {
  const offered = useDemo();
  if (!offered || offered.demo.running || !offered.demo.available) return null;
  return (
    <Button variant="plain" disabled={offered.isAsking} onClick={() => offered.turn(true)}>
      <Play /> Start the demo
    </Button>
  );
}
