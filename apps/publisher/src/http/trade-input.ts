import { checkTrade, TRADE_PATTERN, type RejectionReason, type TradeEvent } from '@app/contracts';
import type { FieldFault } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';

/** Why an input is not a trade: every rule that it broke, and the reason under which it is counted. */
export interface InputFaults {
  reason: Extract<
    RejectionReason,
    'not_an_object' | 'invalid_side' | 'invalid_qty' | 'invalid_symbol' | 'invalid_price'
  >;
  errors: FieldFault[];
}

const DEFAULT_QTY = 1;
const NOTHING: TradeFields = {};
/** Each digit can match in one way only; with two adjacent runs of digits, a long text would be tried at every split. */
const PLAIN_DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;
/** The largest number has 309 digits before its point; a longer text is no quantity, and is not matched at all. */
const MAX_DECIMAL_CHARACTERS = 400;
const FORM_TYPE = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/** True for the two content types whose values are always text. */
export function isForm(contentType: string | undefined): boolean {
  return contentType !== undefined && FORM_TYPE.test(contentType);
}

/** What a client says of a trade, apart from its side. */
export interface TradeFields {
  readonly qty?: unknown;
  readonly symbol?: unknown;
  readonly price?: unknown;
}

/** Lists all faults of the client's fields. Called only when there is one. */
function faultsOf(trade: TradeEvent): InputFaults {
  const { side, qty, symbol, price, ts } = trade;
  // The contract reports one violation at a time, so each field is checked beside valid other ones.
  const valid = { type: TRADE_PATTERN, side: 'buy', qty: DEFAULT_QTY, ts };
  const violations = [{ side }, { qty }, { symbol }, { price }].flatMap((field) => {
    return checkTrade({ ...valid, ...field }) ?? [];
  });
  const errors = violations.map(({ field, rule, message }) => ({ field, rule, message }));
  return { reason: (violations[0]?.reason ?? 'not_an_object') as InputFaults['reason'], errors };
}

/**
 * Builds the event, stamped with the publisher's clock, or says what is wrong. `qty` left out is 1; a symbol or price that is
 * left out, or null, is not part of the event.
 */
export function toTrade(side: unknown, { qty, symbol, price }: TradeFields): TradeEvent | InputFaults {
  const event: Record<string, unknown> = {
    type: TRADE_PATTERN,
    side,
    qty: qty === undefined ? DEFAULT_QTY : qty,
    ts: epochSeconds(),
  };
  if (symbol !== undefined && symbol !== null) event.symbol = symbol;
  if (price !== undefined && price !== null) event.price = price;
  const trade = event as unknown as TradeEvent;
  return checkTrade(trade) === undefined ? trade : faultsOf(trade);
}

/** Tells the two results of `toTrade` apart. */
export function isTrade(result: TradeEvent | InputFaults): result is TradeEvent {
  return 'ts' in result;
}

/**
 * The trade in a body as Fastify parsed it; undefined means no body at all. JSON must hold a number; a form's
 * text must be a plain decimal number, as `Number()` alone would also take '', '0x10' and '1e3'.
 */
export function readTrade(side: unknown, body: unknown, form: boolean): TradeEvent | InputFaults {
  if (body === undefined) return toTrade(side, NOTHING);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const message = 'the body must be an object such as {"qty": 1.5}';
    return { reason: 'not_an_object', errors: [{ field: 'body', rule: 'type', message }] };
  }
  const fields = {
    qty: own(body, 'qty'),
    symbol: own(body, 'symbol'),
    price: own(body, 'price'),
  };
  if (!form) return toTrade(side, fields);
  return toTrade(side, {
    qty: fields.qty === undefined ? undefined : decimalOf(fields.qty),
    symbol: filled(fields.symbol),
    price: filled(fields.price) === undefined ? undefined : decimalOf(fields.price),
  });
}

function own(body: object, field: keyof TradeFields): unknown {
  return Object.hasOwn(body, field) ? (body as TradeFields)[field] : undefined;
}

/** A form sends an input that nobody filled in as an empty text. */
function filled(text: unknown): unknown {
  return text === '' ? undefined : text;
}

/** The number in a form's text; NaN, which no rule accepts, for any other text. */
function decimalOf(text: unknown): number {
  const isDecimal =
    typeof text === 'string' && text.length <= MAX_DECIMAL_CHARACTERS && PLAIN_DECIMAL.test(text);
  return isDecimal ? Number(text) : Number.NaN;
}
