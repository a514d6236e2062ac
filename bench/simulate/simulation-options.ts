import {
  choice,
  type GivenOptions,
  inRange,
  LoadUsageError,
  positive,
  seed,
} from '../load/options/option-values.js';
import { type Costs, measuredCosts } from './costs.js';
import type { SimulationSettings } from './simulation.js';

/** What JetStream's transport allows. */
const MAX_PARTITIONS = 256;
const US = 1e-6;
/** As the sidecar has it: its longest window, and the live trades that may wait for the end of its refill. */
export const REFILL = { seconds: 300, maxLiveEvents: 500_000 };

/** The costs by option, in microseconds. */
const COST_OPTIONS = {
  'publish-event': 'publishEventSeconds',
  'publish-message': 'publishMessageSeconds',
  'store-event': 'storeEventSeconds',
  'store-message': 'storeMessageSeconds',
  'handle-event': 'handleEventSeconds',
  'handle-message': 'handleMessageSeconds',
  commit: 'commitSeconds',
  'commit-wait': 'commitWaitSeconds',
} as const satisfies Record<string, keyof Costs>;

function whole(name: string, given: GivenOptions, fallback: number, most = Number.MAX_SAFE_INTEGER): number {
  const text = given.get(name);
  if (text === undefined) return fallback;
  const value = positive(name, text);
  if (Number.isInteger(value) && value <= most) return value;
  throw new LoadUsageError(`--${name} must be a whole number from 1 to ${most}, not "${text}"`);
}

function costsOf(given: GivenOptions): Costs {
  const costs: Record<keyof Costs, number> = {
    ...measuredCosts(choice('replicas', given.get('replicas') ?? '1', ['1', '3']) === '3' ? 3 : 1),
  };
  for (const [name, key] of Object.entries(COST_OPTIONS)) {
    const text = given.get(name);
    if (text !== undefined) costs[key] = inRange(name, text, 0, 1e9) * US;
  }
  const warmUpSeconds = inRange('warm-up', given.get('warm-up') ?? String(costs.warmUpSeconds), 0, 1e3);
  return { ...costs, warmUpSeconds, turnMessages: whole('turn', given, costs.turnMessages) };
}

/** @throws {LoadUsageError} naming the option at fault */
export function parseSimulationOptions(given: GivenOptions): SimulationSettings {
  const sidecars = whole('sidecars', given, 20, MAX_PARTITIONS);
  const partitions = whole(
    'partitions',
    given,
    Math.max(8, Math.min(2 * sidecars, MAX_PARTITIONS)),
    MAX_PARTITIONS,
  );
  if (partitions < sidecars) {
    throw new LoadUsageError(`--partitions must be at least --sidecars (${sidecars}), not "${partitions}"`);
  }
  const seconds = positive('seconds', given.get('seconds') ?? '30');
  const awaySeconds = inRange('away', given.get('away') ?? '5', 0, seconds);
  const atSeconds = inRange('lost-at', given.get('lost-at') ?? String(seconds / 5), 0, seconds);
  if (atSeconds + awaySeconds >= seconds) {
    throw new LoadUsageError(`--lost-at and --away must end before --seconds (${seconds})`);
  }
  const refillSeconds = inRange('refill', given.get('refill') ?? String(REFILL.seconds), 0, 1e6);
  return {
    rate: positive('rate', given.get('rate') ?? '1e6'),
    seconds,
    publishers: whole('publishers', given, 10),
    partitions,
    sidecars,
    eventsPerMessage: whole('batch', given, 256),
    arrivals: choice('arrivals', given.get('arrivals') ?? 'poisson', ['even', 'poisson']),
    seed: seed('seed', given.get('seed') ?? '1'),
    outage:
      awaySeconds === 0
        ? undefined
        : { atSeconds, awaySeconds, refill: { ...REFILL, seconds: refillSeconds } },
    costs: costsOf(given),
  };
}
