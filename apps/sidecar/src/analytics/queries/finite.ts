/** JSON has no NaN and no Infinity: what is not known, or has no number, is null. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
