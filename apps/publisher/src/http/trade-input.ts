import { checkTrade, TRADE_PATTERN, type RejectionReason, type TradeEvent } from '@app/contracts';
import type { FieldFault } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';

/** Why an input is not a trade: every rule that it broke, and the reason under which it is counted. */
export interface InputFaults {
  reason: Extract<RejectionReason, 'not_an_object' | 'invalid_side' | 'invalid_qty'>;
  errors: FieldFault[];
}

const DEFAULT_QTY = 1;
/** Each digit can match in one way only; with two adjacent runs of digits, a long text would be tried at every split. */
const PLAIN_DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;
/** The largest number has 309 digits before its point; a longer text is no quantity, and is not matched at all. */
const MAX_DECIMAL_CHARACTERS = 400;
const FORM_TYPE = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;

/** True for the two content types whose values are always text. */
export function isForm(contentType: string | undefined): boolean {
  return contentType !== undefined && FORM_TYPE.test(contentType);
}

/** Lists all faults of the client's two fields. Called only when there is one. */
function faultsOf(event: TradeEvent): InputFaults {
  // The contract reports one violation at a time, so each field is checked beside a valid other one.
  const side = checkTrade({ ...event, qty: DEFAULT_QTY });
  const qty = checkTrade({ ...event, side: 'buy' });
  const errors = [side, qty].flatMap((violation) =>
    violation ? [{ field: violation.field, rule: violation.rule, message: violation.message }] : [],
  );
  return { reason: side ? 'invalid_side' : 'invalid_qty', errors };
}

/** Builds the event, stamped with the publisher's clock, or says what is wrong. `qty` left out is 1. */
export function toTrade(side: unknown, qty: unknown): TradeEvent | InputFaults {
  const event = { type: TRADE_PATTERN, side, qty: qty === undefined ? DEFAULT_QTY : qty, ts: epochSeconds() };
  const trade = event as TradeEvent;
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
  if (body === undefined) return toTrade(side, undefined);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    const message = 'the body must be an object such as {"qty": 1.5}';
    return { reason: 'not_an_object', errors: [{ field: 'body', rule: 'type', message }] };
  }
  const qty: unknown = Object.hasOwn(body, 'qty') ? (body as { qty: unknown }).qty : undefined;
  if (!form || qty === undefined) return toTrade(side, qty);
  const isDecimal =
    typeof qty === 'string' && qty.length <= MAX_DECIMAL_CHARACTERS && PLAIN_DECIMAL.test(qty);
  return toTrade(side, isDecimal ? Number(qty) : Number.NaN);
}
