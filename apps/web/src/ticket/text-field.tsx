import type { ComponentProps } from 'react';
import { cn } from '../ui/class-names.js';

interface TextFieldProps extends ComponentProps<'input'> {
  readonly id: string;
  readonly label: string;
  readonly isWrong: boolean;
}

/** A labelled input that shows when its content is wrong; the rule stands in the element `${id}-fault`. */
export function TextField({ id, label, isWrong, className, ...rest }: TextFieldProps) {
  return (
    <div className="min-w-0 flex-1">
      <label htmlFor={id} className="text-xs font-medium text-ink-2">
        {label}
      </label>
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={id}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? `${id}-fault` : undefined}
        className={cn(
          'h-9 w-full rounded-md border border-line-strong/60 bg-surface px-2 aria-invalid:border-bad',
          className,
        )}
      />
    </div>
  );
}

/** Says which rule a field breaks; nothing while it breaks none. */
export function FieldFault({ id, text }: { readonly id: string; readonly text: string | undefined }) {
  return (
    text !== undefined && (
      <p id={`${id}-fault`} role="alert" className="text-xs font-medium text-bad">
        {text}
      </p>
    )
  );
}
