import { checkTrade } from '@app/contracts';
import { Injectable, type PipeTransform } from '@nestjs/common';
import { EventRefusedError } from '../rejections/event-refused.error.js';

/** Lets only what keeps the contract through, unchanged. */
@Injectable()
export class ContractPipe implements PipeTransform<unknown, unknown> {
  /** @throws EventRefusedError with the reason of the first violation. */
  transform(value: unknown): unknown {
    const violation = checkTrade(value);
    if (violation) throw new EventRefusedError(violation.reason, violation.message);
    return value;
  }
}
