import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { cn } from './class-names.js';

const badge = cva(
  'inline-flex items-center gap-1 rounded px-1.5 py-0.5 text-xs leading-4 font-medium whitespace-nowrap [&_svg]:size-3.5 [&_svg]:shrink-0',
  {
    variants: {
      tone: {
        neutral: 'bg-panel-2 text-ink-2',
        good: 'bg-panel-2 text-good',
        warn: 'bg-warn-soft text-warn',
        bad: 'bg-bad-soft text-bad',
        buy: 'bg-buy-soft text-buy',
        sell: 'bg-sell-soft text-sell',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
);

/** How good or bad something is; always beside a word that says the same. */
export type Tone = NonNullable<VariantProps<typeof badge>['tone']>;

/** A short word with a tone. */
export function Badge({ className, tone, ...rest }: ComponentProps<'span'> & VariantProps<typeof badge>) {
  return <span {...rest} className={cn(badge({ tone }), className)} />;
}
