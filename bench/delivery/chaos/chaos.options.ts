import { parseArgs } from 'node:util';
import { positive, seed } from '../../load/options/option.values.js';
import { UsageError } from '../usage.error.js';

/** What one call is asked to do. */
export interface ChaosOptions {
  readonly rounds: number;
  /** Of all rounds together. */
  readonly events: number;
  readonly seed: number;
  /** Whether the oracle files, the spools and the state are left for a look at them. */
  readonly keepsFolder: boolean;
}

/** What the command takes. */
export const CHAOS_USAGE = `usage: npm run chaos -- [--rounds N] [--events N] [--seed N] [--keep]
  --rounds N  kills (20)
  --events N  events to be accepted in all rounds together (100000)
  --seed N    the same victims at the same shares of a round (random)
  --keep      leaves the oracle files, the spools and the state, as a failure does`;

/** The numbers that fit an event. */
const MAX_EVENTS = 150_000;

/** @throws UsageError, or the load generator's, naming the option at fault */
export function parseChaosOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '20' },
      events: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
      keep: { type: 'boolean', default: false },
    },
  });
  const rounds = Math.ceil(positive('rounds', values.rounds));
  const events = Math.ceil(positive('events', values.events));
  if (events > MAX_EVENTS) throw new UsageError(`--events must be at most ${MAX_EVENTS}`);
  return { rounds, events, seed: seed('seed', values.seed), keepsFolder: values.keep };
}
