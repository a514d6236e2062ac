import { parseArgs } from 'node:util';
import { positive, seed } from '../../bench/load/options/option.values.js';
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
