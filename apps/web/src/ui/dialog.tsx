import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { Button } from './button.js';

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description: string;
  readonly children: ReactNode;
}

/**
 * A window over the page that keeps the focus until it is closed. Its backdrop is our own: Radix's would lock
 * scrolling by a style element, which the Content-Security-Policy forbids.
 */
export function Dialog({ open, onClose, title, description, children }: DialogProps) {
  return (
    <Radix.Root open={open} modal={false} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <div className="fixed inset-0 z-40 bg-black/50" aria-hidden="true" />
        <Radix.Content className="fixed top-1/2 left-1/2 z-50 flex max-h-[90dvh] w-[min(40rem,94vw)] -translate-1/2 flex-col gap-3 overflow-auto rounded-lg border border-line-strong bg-panel p-4 shadow-xl">
          <div className="flex items-start gap-3">
            <div className="min-w-0">
              <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
              <Radix.Description className="text-ink-2">{description}</Radix.Description>
            </div>
            <Radix.Close asChild>
              <Button variant="ghost" size="icon" className="ml-auto" aria-label="Close">
                <X />
              </Button>
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
