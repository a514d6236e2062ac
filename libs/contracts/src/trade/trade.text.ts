import { TRADE_PATTERN, TRADE_SIDES, type TradeSide } from './trade.pattern.js';

const FIELDS = 4;
const [BUY, SELL] = TRADE_SIDES;
const MICROS = 1e6;
/** Beyond it two numbers of six decimals may be the same double, and whole parts are no small integers any more. */
const MAX_WHOLE = 2 ** 31;
/** Three digits of a fraction, and the same without zeros at their end. */
const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
const LAST_DIGITS = THREE_DIGITS.map((_, n) => String(n / 1000).slice('0.'.length));

/**
 * The JSON of a trade, byte for byte what `JSON.stringify` gives, at a third of its price: the contract knows the fields,
 * and none of them needs an escape. All of it is ASCII.
 * @returns undefined for anything but a trade with exactly the contract's fields: that is `JSON.stringify`'s to write
 */
export function tradeText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, side, qty, ts } = value as Readonly<Record<string, unknown>>;
  const isTrade =
    type === TRADE_PATTERN && (side === BUY || side === SELL) && Number.isFinite(qty) && Number.isFinite(ts);
  if (!isTrade || !hasFields(value, FIELDS)) return undefined;
  return `{"type":"${TRADE_PATTERN}","side":"${side as TradeSide}","qty":${decimal(qty as number)},"ts":${decimal(ts as number)}}`;
}

/** Whether it has so many fields. Without the array that `Object.keys` makes. */
function hasFields(value: object, expected: number): boolean {
  let fields = 0;
  for (const _ in value) fields += 1;
  return fields === expected;
}

/**
 * The text of a number, as `String(number)`. A number of at most six decimals, as quantities and times are, is written by
 * its integers, which V8 does several times faster than it finds the shortest text of a double. The text is the same:
 * numbers of six decimals below {@link MAX_WHOLE} are further apart than doubles, so no other one of them, and no
 * shorter one, reads as the same double.
 */
function decimal(value: number): string {
  const whole = Math.floor(value);
  const micros = Math.round((value - whole) * MICROS);
  const isDecimal = whole >= 0 && whole < MAX_WHOLE && (whole * MICROS + micros) / MICROS === value;
  if (!isDecimal || micros === MICROS) return String(value);
  if (micros === 0) return String(whole);
  const high = Math.floor(micros / 1000);
  const low = micros - high * 1000;
  return low === 0 ? `${whole}.${LAST_DIGITS[high]}` : `${whole}.${THREE_DIGITS[high]}${LAST_DIGITS[low]}`;
}
