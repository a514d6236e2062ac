import { checkTrade, type TradeEvent } from '@app/contracts';
import { ProblemException } from '@app/service-kit';
import type { DeadLetter } from '../rejections/dead-letter.js';

/**
 * The one trade that a letter holds.
 *
 * @throws ProblemException 409 when only the beginning of the input was kept, 422 when it is no single event that keeps
 * the contract; it names the field and the rule
 */
export function tradeOf({ content, encoding, truncated, contentBytes }: DeadLetter): Readonly<TradeEvent> {
  if (truncated) {
    throw refusal(
      409,
      'content',
      'complete',
      `only the beginning of the ${contentBytes} bytes of this input was kept`,
    );
  }
  // Bytes that were never decoded stand for a whole message, and may be a batch of which a part was lost.
  if (encoding !== 'json') {
    throw refusal(422, 'content', 'event', 'this input was not an event: it could not be decoded');
  }
  const value: unknown = JSON.parse(content);
  const violation = checkTrade(value);
  if (violation) throw refusal(422, violation.field || 'content', violation.rule, violation.message);
  return value as TradeEvent;
}

/** Why a letter stays where it is, as a problem document. */
export function refusal(status: 409 | 422, field: string, rule: string, message: string): ProblemException {
  return new ProblemException({
    status,
    detail: `the letter cannot be sent again: ${message}`,
    errors: [{ field, rule, message }],
  });
}
