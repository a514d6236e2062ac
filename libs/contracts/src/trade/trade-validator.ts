import { Ajv, type ErrorObject } from 'ajv';
import type { RejectionReason } from './rejection-reasons.js';
import { tradeSchema } from './trade-schema.js';

/** Why a value is not a trade. */
export interface ContractViolation {
  /** The field at fault; empty when the value as a whole is. */
  readonly field: string;
  /** The JSON Schema keyword that was broken, such as `required`, `type` or `maximum`. */
  readonly rule: string;
  /** One sentence for people; it never repeats the offending value. */
  readonly message: string;
  readonly reason: RejectionReason;
}

/** The first fault in this order is the one reported, so that a verdict does not depend on the order of keys. */
const FIELD_REASONS: ReadonlyMap<string, RejectionReason> = new Map([
  ['type', 'unknown_type'],
  ['side', 'invalid_side'],
  ['qty', 'invalid_qty'],
  ['ts', 'invalid_ts'],
  ['symbol', 'invalid_symbol'],
  ['price', 'invalid_price'],
]);

/**
 * `strictNumbers` rejects NaN and the infinities (JSON's 1e309 becomes Infinity). `ownProperties` makes inherited fields
 * count as missing, which is what class-transformer does too. `allErrors` costs nothing while input is valid.
 */
const matchesSchema = new Ajv({
  strict: true,
  allowUnionTypes: true,
  strictNumbers: true,
  ownProperties: true,
  allErrors: true,
  messages: true,
}).compile(tradeSchema);

/**
 * Tells whether a decoded value is a trade: `undefined` when it is, otherwise the first violation. Unknown fields are
 * ignored. Compiled once when the module loads; a valid value allocates nothing. Never throws on JSON-born input.
 */
export function checkTrade(value: unknown): ContractViolation | undefined {
  return matchesSchema(value) ? undefined : firstViolation(matchesSchema.errors ?? []);
}

function firstViolation(errors: readonly ErrorObject[]): ContractViolation {
  for (const [field, reason] of FIELD_REASONS) {
    const error = errors.find((candidate) => fieldOf(candidate) === field);
    if (error) {
      return {
        field,
        rule: error.keyword,
        message: `${field} ${wordsOf(error, field)}`,
        reason: reasonOf(error, reason),
      };
    }
  }
  return { field: '', rule: 'type', message: 'the event must be a JSON object', reason: 'not_an_object' };
}

function fieldOf(error: ErrorObject): string {
  return error.keyword === 'required' ? String(error.params.missingProperty) : error.instancePath.slice(1);
}

/** A numeric time that no trade can have gets its own reason: its sender counts in other units. */
function reasonOf(error: ErrorObject, reason: RejectionReason): RejectionReason {
  return reason === 'invalid_ts' && error.keyword === 'maximum' ? 'implausible_ts' : reason;
}

function wantsNumber({ params }: ErrorObject): boolean {
  return [params.type].flat().includes('number');
}

function wordsOf(error: ErrorObject, field: string): string {
  switch (error.keyword) {
    case 'required':
      return 'is missing';
    case 'enum':
      return `must be one of: ${(error.params.allowedValues as string[]).join(', ')}`;
    case 'type':
      return wantsNumber(error) ? 'must be a finite number' : 'must be a text';
    case 'pattern':
      return 'must have 1 to 32 characters of A-Z, a-z, 0-9 and . _ : / -';
    case 'exclusiveMinimum':
      return `must be more than ${error.params.limit}`;
    case 'maximum':
      return field === 'ts'
        ? `must be unix epoch seconds, at most ${error.params.limit}: milliseconds are too large`
        : `must be at most ${error.params.limit}`;
    default:
      return error.message ?? `breaks the rule ${error.keyword}`;
  }
}
