const KEY = 'trade-desk.qty';
const PLAIN_DECIMAL = /^(\d+(\.\d*)?|\.\d+)$/;
/** The same limit as the publisher's. */
const MAX_DECIMAL_CHARACTERS = 400;

/** What a quantity has to look like, in plain words. */
export const QTY_RULE = 'A quantity is a plain number of 0 or more, such as 2.5, without an exponent';

/** Reads the quantity field; undefined when it holds no valid quantity. */
export function parseQty(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_DECIMAL_CHARACTERS || !PLAIN_DECIMAL.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : undefined;
}

/** The quantity used last on this device, `1` at first. */
export function rememberedQty(): string {
  const stored = localStorage.getItem(KEY);
  return stored !== null && parseQty(stored) !== undefined ? stored : '1';
}

/** Keeps it for the next visit. */
export function rememberQty(text: string): void {
  localStorage.setItem(KEY, text);
}

/** One step up or down, never below zero, without rounding errors of binary fractions. */
export function stepQty(text: string, step: number): string {
  const next = Math.max(0, (parseQty(text) ?? 0) + step);
  return String(Number(next.toPrecision(12)));
}
