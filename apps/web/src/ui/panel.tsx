import { useId, type ReactNode } from 'react';
import { cn } from './class-names.js';

interface PanelProps {
  readonly title: string;
  /** A sentence beside the title. */
  readonly note?: ReactNode;
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A titled region of the page. */
export function Panel({ title, note, actions, className, children }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={cn('flex min-w-0 flex-col rounded-lg border border-line bg-panel', className)}
    >
      <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {note !== undefined && <p className="text-xs text-ink-2">{note}</p>}
        {actions !== undefined && (
          <div className="ml-auto flex flex-wrap items-center gap-1.5">{actions}</div>
        )}
      </header>
      {children}
    </section>
  );
}

/** Shown in a panel without content. */
export function Empty({ children }: { readonly children: ReactNode }) {
  return <p className="px-4 py-8 text-center text-ink-2">{children}</p>;
}
