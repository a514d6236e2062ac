const NONE = '–';
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const quantity = new Intl.NumberFormat('en', { maximumFractionDigits: 8 });
const price = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 8 });
const money = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });

/** Every figure on the page is written by one of these; all write a dash for what is not known. */
function known(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}

/** A real minus, as wide as a plus. */
function signed(text: string): string {
  return text.replace(/^-/, '−');
}

/** 12,345. */
export function formatCount(value: number | undefined): string {
  return known(value) ? signed(whole.format(value)) : NONE;
}

/** What eight decimals cannot show: it would be 0, or wider than any column. */
function isExtreme(value: number): boolean {
  const size = Math.abs(value);
  return size >= 1e12 || (size > 0 && size < 1e-8);
}

/** Up to eight decimals, as exact as quantities usually are. */
export function formatQty(value: number | undefined): string {
  if (!known(value)) return NONE;
  return signed(isExtreme(value) ? value.toExponential(4) : quantity.format(value));
}

const WIDEST = 9;

/** A quantity in full where it fits into a tile, otherwise in short. */
export function formatFitting(value: number | undefined): string {
  const full = formatQty(value);
  return full.length <= WIDEST ? full : formatShort(value);
}

/** Four significant digits, for rates, tiles and axes: 1.234M. */
export function formatShort(value: number | undefined): string {
  if (!known(value)) return NONE;
  const isFar = value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 1e15);
  return signed(isFar ? value.toExponential(2) : short.format(value));
}

/** At least two decimals, so that prices stand below one another: 64,012.50. */
export function formatPrice(value: number | undefined): string {
  if (!known(value)) return NONE;
  return signed(isExtreme(value) ? value.toExponential(4) : price.format(value));
}

/** A sum of money in cents where it fits, otherwise in short: 1,080.25, 12.35M. */
export function formatMoney(value: number | undefined): string {
  return known(value) && Math.abs(value) < 1e6 ? signed(money.format(value)) : formatShort(value);
}

/** A figure that is read by its sign: +0.12, −0.45, 0.00. */
export function formatSigned(value: number | undefined, decimals = 2): string {
  if (!known(value)) return NONE;
  const text = Math.abs(value).toFixed(decimals);
  if (Number(text) === 0) return text;
  return `${value > 0 ? '+' : '−'}${text}`;
}

/** 12.5 % of 0.125. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Bytes in the unit that reads best. */
export function formatBytes(bytes: number | undefined): string {
  if (!known(bytes)) return NONE;
  if (bytes < 1024) return `${formatCount(bytes)} B`;
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}

/** A measured duration in the unit that reads best: 83 µs, 1.24 ms, 3.10 s. No figure is rounded up to the next unit. */
export function formatDuration(seconds: number | undefined): string {
  if (!known(seconds)) return NONE;
  const sign = seconds <= -5e-7 ? '−' : '';
  const size = Math.abs(seconds);
  if (size < 0.0009995) return `${sign}${Math.round(size * 1e6)} µs`;
  if (size < 0.9995) return `${sign}${(size * 1000).toPrecision(3)} ms`;
  if (size < 119.95) return `${sign}${size.toFixed(size < 9.995 ? 2 : 1)} s`;
  const whole = Math.round(size);
  return `${sign}${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** A span of time in whole steps: 34 s, 5 min, 1 min 30 s, 24 h. */
export function formatSpan(seconds: number): string {
  const all = Math.round(seconds);
  if (all >= 3600 && all % 3600 === 0) return `${all / 3600} h`;
  const parts = [Math.floor(all / 60) > 0 && `${Math.floor(all / 60)} min`, all % 60 > 0 && `${all % 60} s`];
  return parts.filter((part) => part !== false).join(' ') || '0 s';
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** The local time of day with milliseconds, for one event. */
export function formatTime(epochSeconds: number): string {
  const date = new Date(epochSeconds * 1000);
  if (Number.isNaN(date.getTime())) return NONE;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** The local time of day in whole seconds. */
export function formatClock(epochSeconds: number): string {
  return formatTime(epochSeconds).slice(0, 8);
}

/** The local time of day of today, with the date of any other day. */
export function formatMoment(epochSeconds: number, nowSeconds: number): string {
  const [date, today] = [epochSeconds, nowSeconds].map((seconds) => new Date(seconds * 1000));
  if (!date || Number.isNaN(date.getTime())) return NONE;
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return date.toDateString() === today?.toDateString()
    ? formatClock(epochSeconds)
    : `${day} ${formatClock(epochSeconds)}`;
}

/** How long ago, in whole steps, so that it does not flicker. */
export function formatAge(seconds: number | undefined): string {
  if (!known(seconds)) return NONE;
  if (seconds < 1) return 'now';
  if (seconds < 120) return `${Math.floor(seconds)} s ago`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}
