import { positive, seed } from '../../bench/load/options/option-values.js';
import { type GivenOptions, textOf, UsageError } from '../usage-error.js';

/** What one call is asked to do. */
export interface ChaosOptions {
  readonly rounds: number;
  /** Of all rounds together. */
  readonly events: number;
  readonly seed: number;
  /** Whether the oracle files, the spools and the state stay for inspection. */
  readonly keepsFolder: boolean;
}

/** The numbers that fit an event. */
const MAX_EVENTS = 150_000;

/** @throws UsageError, or the load generator's, naming the option at fault */
export function parseChaosOptions(given: GivenOptions): ChaosOptions {
  const anySeed = String(Math.floor(Math.random() * 2 ** 32));
  const rounds = Math.ceil(positive('rounds', textOf(given, 'rounds') ?? '20'));
  const events = Math.ceil(positive('events', textOf(given, 'events') ?? '100000'));
  if (events > MAX_EVENTS) throw new UsageError(`--events must be at most ${MAX_EVENTS}`);
  return {
    rounds,
    events,
    seed: seed('seed', textOf(given, 'seed') ?? anySeed),
    keepsFolder: given['keep'] === true,
  };
}
