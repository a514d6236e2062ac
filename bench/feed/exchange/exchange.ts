/** A trade as an exchange tells it. */
export interface ExchangeTrade {
  /** As the exchange writes it in its messages. */
  readonly symbol: string;
  /** Counts the trades of one symbol without a gap. */
  readonly id: number;
  /** The side of the taker, who made the trade happen. */
  readonly side: 'buy' | 'sell';
  readonly qty: number;
  readonly price: number;
  /** When it was made, in unix epoch seconds; NaN when the exchange does not say, or nothing that can be a time. */
  readonly seconds: number;
}

/** Why a message cannot be used: the closed value set of a count. */
export const MALFORMED_REASONS = [
  'not_text',
  'not_json',
  'not_an_object',
  'invalid_symbol',
  'invalid_id',
  'invalid_side',
  'invalid_qty',
  'invalid_price',
] as const;

/** One of `MALFORMED_REASONS`. */
export type MalformedReason = (typeof MALFORMED_REASONS)[number];

/** What a message of an exchange says. */
export type Reading =
  /** `isPast`: made before the subscription, and sent again for those who missed it. */
  | { readonly kind: 'trade'; readonly trade: ExchangeTrade; readonly isPast: boolean }
  /** The newest trade of a symbol has this id, whether its message came or not. */
  | { readonly kind: 'mark'; readonly symbol: string; readonly id: number }
  /** The exchange ends the connection soon, and asks for a new one. */
  | { readonly kind: 'leaving' }
  /** It does not give what was asked for. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** Nothing about trades. */
  | { readonly kind: 'other' }
  | { readonly kind: 'malformed'; readonly reason: MalformedReason };

/** How to speak with an exchange. */
export interface Exchange {
  readonly name: string;
  /** Its public address; another one, such as that of its test network, may take its place. */
  readonly address: string;
  /** How its symbols are written on the command line, for people. */
  readonly symbolForm: string;
  /** A symbol as its messages write it; undefined for what cannot be one. */
  symbolOf(text: string): string | undefined;
  /** Where to connect for these symbols. @param address without a path */
  urlFor(address: string, symbols: readonly string[]): string;
  /** What to send once connected; undefined when the address says it all. */
  greetingFor(symbols: readonly string[]): string | undefined;
  /** @param message a JSON object. Never throws. */
  read(message: Readonly<Record<string, unknown>>): Reading;
}

const DECIMAL = /^\d{1,40}(?:\.\d{1,40})?$/;

/** The number in a text of plain digits, as exchanges write prices and quantities; NaN for anything else. */
export function decimalOf(value: unknown): number {
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : Number.NaN;
}

/** Whether this can be the id of a trade. */
export function isTradeId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether this is a JSON object, and neither null nor an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
