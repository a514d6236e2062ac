import { parseArgs } from 'node:util';
import { UsageError } from '../../bench/delivery/usage.error.js';
import type { Attack } from './attack.js';
import { ATTACKS } from './attack.catalogue.js';

/** What one call is asked to do. */
export type AttackOptions =
  { readonly kind: 'help' | 'list' } | { readonly kind: 'run'; readonly attacks: readonly Attack[] };

/** What the command takes. */
export const ATTACK_USAGE = `usage: npm run attack -- [--only NAME,…] [--short] [--list] [--help]
  --only   these attacks
  --short  those of the short form, which npm test runs
  --list   names the attacks
Ends with 0 when all were held off, 1 when one was not, 64 for a wrong command line.`;

/** @throws UsageError naming the option at fault */
export function parseAttackOptions(args: readonly string[]): AttackOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      short: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { kind: 'help' };
  if (values.list) return { kind: 'list' };
  const wanted = values.only?.split(',');
  const names = ATTACKS.map(({ name }) => name);
  const wrong = wanted?.find((name) => !names.includes(name));
  if (wrong !== undefined) throw new UsageError(`--only: "${wrong}" is none of ${names.join(', ')}`);
  const isWanted = ({ name, isShort }: Attack): boolean =>
    (wanted?.includes(name) ?? true) && (isShort || !values.short);
  const attacks = ATTACKS.filter(isWanted);
  if (attacks.length === 0) throw new UsageError('--only and --short leave no attack');
  return { kind: 'run', attacks };
}
