import { invalidInput } from './trade-refused.exception.js';

const MESSAGE = 'wait must be "applied", or left out';

/**
 * Whether the answer shall wait until the event is in the metrics: the query has `wait=applied`.
 *
 * @throws TradeRefusedException 400 for any other value
 */
export function waitsForApplied(query: unknown): boolean {
  if (typeof query !== 'object' || query === null || !('wait' in query)) return false;
  if (query.wait === 'applied') return true;
  throw invalidInput('invalid_wait', [{ field: 'wait', rule: 'isIn', message: MESSAGE }]);
}
