import { parseQty, QTY_RULE } from './remembered-qty.js';
import type { TradeSubject } from './trade-poster.js';

/** What is typed into the ticket. */
export interface TicketTexts {
  readonly qty: string;
  readonly symbol: string;
  readonly price: string;
}

/** The ticket's content, or for each field at fault the rule that it breaks. */
export type TicketInput =
  | { readonly qty: number; readonly subject: TradeSubject; readonly faults?: undefined }
  | { readonly faults: Partial<Record<keyof TicketTexts, string>> };

/** The contract's rules: libs/contracts/src/trade/trade-event.ts. */
const SYMBOL = /^[A-Za-z0-9._:/-]{1,32}$/;
const MAX_PRICE = 1e15;
const SYMBOL_RULE = 'A symbol has 1 to 32 letters, digits and . _ : / -';
const PRICE_RULE = 'A price is a plain number above 0, such as 432.5';

function priceOf(text: string): number | undefined {
  const price = parseQty(text);
  return price !== undefined && price > 0 && price <= MAX_PRICE ? price : undefined;
}

/** Reads the ticket; an empty symbol or price is none. */
export function readTicket(texts: TicketTexts): TicketInput {
  const [symbol, priceText] = [texts.symbol.trim(), texts.price.trim()];
  const qty = parseQty(texts.qty);
  const price = priceOf(priceText);
  const faults = {
    ...(qty === undefined && { qty: QTY_RULE }),
    ...(symbol !== '' && !SYMBOL.test(symbol) && { symbol: SYMBOL_RULE }),
    ...(priceText !== '' && price === undefined && { price: PRICE_RULE }),
  };
  if (qty === undefined || Object.keys(faults).length > 0) return { faults };
  return { qty, subject: { ...(symbol !== '' && { symbol }), ...(price !== undefined && { price }) } };
}
