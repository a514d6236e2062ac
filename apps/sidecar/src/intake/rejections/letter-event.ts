import { checkTrade, type TradeEvent } from '@app/contracts';
import { ProblemException } from '@app/service-kit';
import type { DeadLetter } from './dead-letter.js';

/** Why a letter cannot be applied. */
export interface ReplayFault {
  /** 409: only the beginning of the input was kept. 422: it is not one event that keeps the contract. */
  readonly status: 409 | 422;
  readonly field: string;
  readonly rule: string;
  readonly message: string;
}

/** The trade of a letter, or why it cannot be applied. */
export type LetterEvent =
  | { readonly event: Readonly<TradeEvent>; readonly fault?: undefined }
  | { readonly event?: undefined; readonly fault: ReplayFault };

/** Reads the one trade that a letter holds, and checks it against the contract again. */
export function readEvent({ content, encoding, truncated, contentBytes }: DeadLetter): LetterEvent {
  if (truncated) {
    const message = `only the beginning of the ${contentBytes} bytes of this input was kept`;
    return { fault: { status: 409, field: 'content', rule: 'complete', message } };
  }
  // Bytes that were never decoded are a whole message, perhaps a batch, and part of them may be lost.
  const value = encoding === 'json' ? parsed(content) : undefined;
  if (value === undefined) {
    const message = 'this input was not an event: it could not be decoded';
    return { fault: { status: 422, field: 'content', rule: 'event', message } };
  }
  const violation = checkTrade(value);
  if (violation === undefined) return { event: value as TradeEvent };
  const { field, rule, message } = violation;
  return { fault: { status: 422, field: field || 'content', rule, message } };
}

/** Undefined for the one text that is not JSON: an input of `undefined` is kept under that word. */
function parsed(text: string): unknown {
  return text === 'undefined' ? undefined : JSON.parse(text);
}

/** The answer to a replay of a letter that cannot be applied. */
export function replayRefusal({ status, field, rule, message }: ReplayFault): ProblemException {
  return new ProblemException({
    status,
    detail: `the letter cannot be replayed: ${message}`,
    errors: [{ field, rule, message }],
  });
}
