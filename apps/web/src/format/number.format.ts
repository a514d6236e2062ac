const NONE = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const quantity = new Intl.NumberFormat('en', { maximumFractionDigits: 8 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });

/** 12,345; a dash for what is not known. */
export function formatCount(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? NONE : whole.format(value);
}

/** Up to eight decimals, as exact as quantities usually are. */
export function formatQty(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  return Math.abs(value) >= 1e12 ? value.toExponential(4) : quantity.format(value);
}

const WIDEST = 9;

/** A quantity in full where it fits into a tile, otherwise in short. */
export function formatFitting(value: number | undefined): string {
  const full = formatQty(value);
  return full.length <= WIDEST ? full : formatShort(value);
}

/** Four significant digits, for tiles and axes: 1.234M. */
export function formatShort(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return NONE;
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e15)) return value.toExponential(2);
  return short.format(value);
}

/** Bytes in the unit that reads best. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined || !Number.isFinite(bytes)) return NONE;
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
