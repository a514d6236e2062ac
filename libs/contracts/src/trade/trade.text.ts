import { TRADE_PATTERN, TRADE_SIDES, type TradeSide } from './trade.pattern.js';

const FIELDS = 4;
const [BUY, SELL] = TRADE_SIDES;

/**
 * The JSON of a trade, byte for byte what `JSON.stringify` gives, at half its price: the contract knows the fields, and
 * none of them needs an escape. All of it is ASCII.
 * @returns undefined for anything but a trade with exactly the contract's fields: that is `JSON.stringify`'s to write
 */
export function tradeText(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { type, side, qty, ts } = value as Readonly<Record<string, unknown>>;
  const isTrade =
    type === TRADE_PATTERN && (side === BUY || side === SELL) && Number.isFinite(qty) && Number.isFinite(ts);
  if (!isTrade || !hasFields(value, FIELDS)) return undefined;
  return `{"type":"${TRADE_PATTERN}","side":"${side as TradeSide}","qty":${qty as number},"ts":${ts as number}}`;
}

/** Whether it has so many fields. Without the array that `Object.keys` makes. */
function hasFields(value: object, expected: number): boolean {
  let fields = 0;
  for (const _ in value) fields += 1;
  return fields === expected;
}
