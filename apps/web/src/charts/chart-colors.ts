/** The page's colours as the canvas needs them; they change with the theme. */
export interface ChartColors {
  readonly ink: string;
  readonly ink2: string;
  readonly grid: string;
  readonly buy: string;
  readonly sell: string;
  readonly panel: string;
  /** Four line colours whose lightness differs, so that they differ in grey too. */
  readonly ramp: readonly string[];
}

/** Reads the colours of the theme that is shown now. */
export function readColors(): ChartColors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string): string => style.getPropertyValue(name).trim();
  return {
    ink: read('--ink'),
    ink2: read('--ink-2'),
    grid: read('--grid'),
    buy: read('--buy'),
    sell: read('--sell'),
    panel: read('--panel'),
    ramp: [read('--good'), read('--buy'), read('--warn'), read('--bad')],
  };
}
