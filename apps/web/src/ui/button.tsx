import { cva, type VariantProps } from 'class-variance-authority';
import type { ComponentProps } from 'react';
import { cn } from './class-names.js';

const button = cva(
  'inline-flex cursor-pointer items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none disabled:cursor-not-allowed disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        plain: 'border border-line-strong/60 bg-panel text-ink hover:bg-panel-2',
        ghost: 'text-ink-2 hover:bg-panel-2 hover:text-ink',
        buy: 'bg-buy text-buy-ink hover:brightness-110 active:brightness-95',
        sell: 'bg-sell text-sell-ink hover:brightness-110 active:brightness-95',
        primary: 'bg-ink text-surface hover:opacity-90',
      },
      size: { sm: 'h-7 px-2 text-xs', md: 'h-9 px-3', lg: 'h-12 px-4 text-base', icon: 'size-8' },
    },
    defaultVariants: { variant: 'plain', size: 'md' },
  },
);

/** A button; `variant` says what it is for, `size` how much room it takes (24 px high at least). */
export function Button({
  className,
  variant,
  size,
  ...rest
}: ComponentProps<'button'> & VariantProps<typeof button>) {
  return <button type="button" {...rest} className={cn(button({ variant, size }), className)} />;
}

/** The same look for a link. */
export function LinkButton({
  className,
  variant,
  size,
  ...rest
}: ComponentProps<'a'> & VariantProps<typeof button>) {
  return <a {...rest} className={cn(button({ variant, size }), className)} />;
}
