import { SYMBOL } from './trade-event.js';
import { TRADE_PATTERN, TRADE_SIDES, type TradeSide } from './trade-pattern.js';

const FIELDS = 4;
const [BUY, SELL] = TRADE_SIDES;
const MICROS = 1e6;
/** Beyond it, two numbers of six decimals may be the same double, and whole parts are no longer small integers. */
const MAX_WHOLE = 2 ** 31;
/** Three digits of a fraction, and the same without zeros at their end. */
const THREE_DIGITS = Array.from({ length: 1000 }, (_, n) => String(n).padStart(3, '0'));
const LAST_DIGITS = THREE_DIGITS.map((digits) => String(Number(`0.${digits}`)).slice(2));
const START: Readonly<Record<TradeSide, string>> = {
  buy: `{"type":"${TRADE_PATTERN}","side":"${BUY}","qty":`,
  sell: `{"type":"${TRADE_PATTERN}","side":"${SELL}","qty":`,
};

/** The second of the last trade, and its text with the text before it: most trades share the second of the previous one. */
let second = Number.NaN;
let secondText = '';

/**
 * The JSON of a trade, byte for byte as `JSON.stringify` writes it, at a third of its cost: the contract knows the fields, and
 * none of them needs an escape. All of it is ASCII. It consists of few pieces, because each piece is a string object that waits
 * with the event and is visited when the batch leaves.
 * @returns undefined for anything but a trade with exactly the contract's fields: use `JSON.stringify` for that
 */
export function tradeText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, side, qty, ts, symbol, price } = value as Readonly<Record<string, unknown>>;
  const isTrade =
    type === TRADE_PATTERN && (side === BUY || side === SELL) && Number.isFinite(qty) && Number.isFinite(ts);
  if (!isTrade) return undefined;
  if (symbol === undefined && price === undefined) {
    if (!hasFields(value, FIELDS)) return undefined;
    return START[side as TradeSide] + decimal(qty as number) + timeAndEnd(ts as number, '}');
  }
  const end = optionalFields(value, symbol, price);
  return end && START[side as TradeSide] + decimal(qty as number) + timeAndEnd(ts as number, end);
}

/** The text of symbol and price, with the brace; undefined when one of them, or another field, needs `JSON.stringify`. */
function optionalFields(value: object, symbol: unknown, price: unknown): string | undefined {
  let end = '';
  let fields = FIELDS;
  if (symbol !== undefined) {
    if (typeof symbol !== 'string' || !SYMBOL.test(symbol)) return undefined;
    end = `,"symbol":"${symbol}"`;
    fields += 1;
  }
  if (price !== undefined) {
    if (!Number.isFinite(price)) return undefined;
    end += `,"price":${decimal(price as number)}`;
    fields += 1;
  }
  return hasFields(value, fields) ? `${end}}` : undefined;
}

/** Whether it has this many fields, without the array that `Object.keys` makes. */
function hasFields(value: object, expected: number): boolean {
  let fields = 0;
  for (const _ in value) fields += 1;
  return fields === expected;
}

/** The rest of a trade after its quantity. */
function timeAndEnd(ts: number, end: string): string {
  const micros = microsOf(ts);
  if (micros === undefined || micros === 0) return `,"ts":${ts}${end}`;
  const whole = Math.floor(ts);
  if (whole !== second) {
    second = whole;
    secondText = `,"ts":${whole}.`;
  }
  return secondText + (fraction(micros) + end);
}

/** The text of a number, as `String(number)`. */
function decimal(value: number): string {
  const micros = microsOf(value);
  if (micros === undefined) return String(value);
  const whole = Math.floor(value);
  return micros === 0 ? String(whole) : `${whole}.${fraction(micros)}`;
}

/**
 * The decimals of a number that has at most six of them, as quantities and times have, in millionths. Such a number can be
 * written as integers, which is several times faster for V8 than finding the shortest text of a double. The text is the same:
 * numbers of six decimals below {@link MAX_WHOLE} are further apart than doubles, so no other such number, and no shorter one,
 * reads as the same double.
 * @returns undefined for any other number
 */
function microsOf(value: number): number | undefined {
  const whole = Math.floor(value);
  const micros = Math.round((value - whole) * MICROS);
  const isDecimal = whole >= 0 && whole < MAX_WHOLE && (whole * MICROS + micros) / MICROS === value;
  return isDecimal && micros < MICROS ? micros : undefined;
}

function fraction(micros: number): string {
  const high = Math.floor(micros / 1000);
  const low = micros - high * 1000;
  return low === 0 ? (LAST_DIGITS[high] ?? '') : `${THREE_DIGITS[high]}${LAST_DIGITS[low]}`;
}
