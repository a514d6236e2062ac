import { ProblemException, type FieldFault } from '@app/service-kit';
import type { RefusalReason } from './refusal.reason.js';

/** A request of which nothing was emitted, and the reason under which it is counted. */
export class TradeRefusedException extends ProblemException {
  /** `counted` is false where each item of the request was counted already. */
  constructor(
    readonly reason: RefusalReason,
    options: ConstructorParameters<typeof ProblemException>[0],
    readonly counted = false,
  ) {
    super(options);
  }
}

/** 400 for input that breaks a rule. */
export function invalidInput(reason: RefusalReason, errors: FieldFault[]): TradeRefusedException {
  const detail = errors.map((error) => error.message).join('; ');
  return new TradeRefusedException(reason, { status: 400, detail, errors });
}
