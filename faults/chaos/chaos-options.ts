import { choice, positive, seed } from '../../bench/load/options/option-values.js';
import { type GivenOptions, textOf, UsageError } from '../usage-error.js';

/** What one call is asked to do. */
export interface ChaosOptions {
  /** The link between the apps. */
  readonly via: 'zmq' | 'nats';
  readonly rounds: number;
  /** Of all rounds together. */
  readonly events: number;
  readonly seed: number;
  /** Whether the oracle files, the spools and the state stay for inspection. */
  readonly keepsFolder: boolean;
}

/** Sums of more are not exact: of all events over ZeroMQ, of those of one partition over NATS. */
const MAX_EVENTS = { zmq: 150_000, nats: 1_000_000 };

/** @throws UsageError, or the load generator's, naming the option at fault */
export function parseChaosOptions(given: GivenOptions): ChaosOptions {
  const anySeed = String(Math.floor(Math.random() * 2 ** 32));
  const rounds = Math.ceil(positive('rounds', textOf(given, 'rounds') ?? '20'));
  const events = Math.ceil(positive('events', textOf(given, 'events') ?? '100000'));
  const via = choice('via', textOf(given, 'via') ?? 'zmq', ['zmq', 'nats']);
  if (events > MAX_EVENTS[via])
    throw new UsageError(`--events must be at most ${MAX_EVENTS[via]} via ${via}`);
  return {
    via,
    rounds,
    events,
    seed: seed('seed', textOf(given, 'seed') ?? anySeed),
    keepsFolder: given['keep'] === true,
  };
}
