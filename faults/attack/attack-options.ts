import { type GivenOptions, textOf, UsageError } from '../usage-error.js';
import type { Attack } from './attack.js';
import { ATTACKS } from './attack-catalogue.js';

/** What one call is asked to do. */
export type AttackOptions =
  { readonly kind: 'list' } | { readonly kind: 'run'; readonly attacks: readonly Attack[] };

/** @throws UsageError naming the option at fault */
export function parseAttackOptions(given: GivenOptions): AttackOptions {
  if (given['list'] === true) return { kind: 'list' };
  const wanted = textOf(given, 'only')?.split(',');
  const names = ATTACKS.map(({ name }) => name);
  const wrong = wanted?.find((name) => !names.includes(name));
  if (wrong !== undefined) throw new UsageError(`--only: "${wrong}" is not one of ${names.join(', ')}`);
  const isWanted = ({ name, isShort }: Attack): boolean =>
    (wanted?.includes(name) ?? true) && (isShort || given['short'] !== true);
  const attacks = ATTACKS.filter(isWanted);
  if (attacks.length === 0) throw new UsageError('--only and --short leave no attack');
  return { kind: 'run', attacks };
}
