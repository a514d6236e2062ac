import { useId, type ReactNode } from 'react';
import { cn } from './class-names.js';

interface PanelProps {
  readonly title: string;
  /** The one figure that the region is about. */
  readonly figure?: string | undefined;
  /** A sentence beside the title. */
  readonly note?: ReactNode;
  /** Buttons at the right of the title. */
  readonly actions?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A titled region of the page. */
export function Panel({ title, figure, note, actions, className, children }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={cn('flex min-w-0 flex-col rounded-lg border border-line bg-panel', className)}
    >
      <header className="flex min-h-10 flex-wrap items-center gap-x-2.5 gap-y-1 px-3 py-1.5">
        <h2 id={id} className="font-semibold">
          {title}
        </h2>
        {figure !== undefined && <p className="min-w-[8ch] text-lg leading-6 font-semibold">{figure}</p>}
        {note !== undefined && note !== '' && <p className="text-xs text-ink-2">{note}</p>}
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
