import {
  fixedArrivals,
  hawkesArrivals,
  poissonArrivals,
  quantities,
  type QuantityLaw,
  RandomSource,
} from '@app/trade-model';
import type { PlannedTrade, TradePlan } from './trade-plan.js';

/** Which process the arrivals follow. */
export type ArrivalLaw =
  | { readonly kind: 'fixed' }
  | { readonly kind: 'poisson' }
  | { readonly kind: 'hawkes'; readonly branchingRatio: number; readonly decaySeconds: number };

/** All of a made-up load but its rate and length. */
export interface SyntheticSource {
  readonly arrivals: ArrivalLaw;
  readonly quantity: QuantityLaw;
  /** From 0 to 2^32 - 1. */
  readonly seed: number;
}

/** One seed, three streams: one choice does not change what the others draw. */
const STREAM = { arrivals: 0, quantities: 1, sides: 2 } as const;

function arrivalTimes(
  { arrivals, seed }: SyntheticSource,
  ratePerSecond: number,
  durationSeconds: number,
): Iterable<number> {
  const random = new RandomSource(seed, STREAM.arrivals);
  if (arrivals.kind === 'fixed') return fixedArrivals(ratePerSecond, durationSeconds);
  if (arrivals.kind === 'poisson') return poissonArrivals(ratePerSecond, random);
  return hawkesArrivals({ ...arrivals, ratePerSecond }, random);
}

function* trades(
  source: SyntheticSource,
  ratePerSecond: number,
  durationSeconds: number,
): Generator<PlannedTrade> {
  const sizes = quantities(source.quantity, new RandomSource(source.seed, STREAM.quantities));
  const coin = new RandomSource(source.seed, STREAM.sides);
  let isBuyNext = true;
  for (const dueSeconds of arrivalTimes(source, ratePerSecond, durationSeconds)) {
    if (dueSeconds >= durationSeconds && source.arrivals.kind !== 'fixed') return;
    // Even arrivals have alternating sides: every such run is the same to the last trade.
    const isBuy = source.arrivals.kind === 'fixed' ? isBuyNext : coin.uniform() < 0.5;
    isBuyNext = !isBuyNext;
    yield { dueSeconds, side: isBuy ? 'buy' : 'sell', qty: sizes.next().value };
  }
}

function describe({ arrivals, quantity, seed }: SyntheticSource): string {
  const times =
    arrivals.kind === 'hawkes'
      ? `hawkes (branching ${arrivals.branchingRatio}, decay ${arrivals.decaySeconds * 1000} ms)`
      : arrivals.kind;
  return `${times} arrivals, ${quantity.kind} quantities, seed ${seed}`;
}

/** Made-up trades at a mean rate, for so long. */
export function syntheticPlan(
  source: SyntheticSource,
  ratePerSecond: number,
  durationSeconds: number,
): TradePlan {
  return {
    description: describe(source),
    ratePerSecond,
    durationSeconds,
    trades: { [Symbol.iterator]: () => trades(source, ratePerSecond, durationSeconds) },
  };
}
