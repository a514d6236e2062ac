import { ToggleGroup } from 'radix-ui';

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string }[];
  readonly onChange: (value: T) => void;
}

/** One of a few; arrow keys move between them. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      // Radix gives '' when the chosen item is pressed again; one must stay chosen.
      onValueChange={(next) => next !== '' && onChange(next as T)}
      className="inline-flex rounded-md border border-line-strong/60 bg-panel p-0.5"
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="h-6 min-w-7 cursor-pointer rounded px-2 text-xs font-medium text-ink-2 hover:text-ink data-[state=on]:bg-ink data-[state=on]:text-surface"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
