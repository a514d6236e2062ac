import type { QuantityLaw } from '@app/trade-model';
import type { ArrivalLaw, SyntheticSource } from '../plan/synthetic-plan.js';
import { SYMBOL } from '../tape/tape-row.js';
import type { ReplayHow } from '../tape/replay-plan.js';
import {
  choice,
  type GivenOptions,
  inRange,
  LoadUsageError,
  positive,
  seed,
  timeSpan,
} from './option-values.js';

/** Where the trades of a run come from. */
export type LoadSource =
  | ({ readonly kind: 'synthetic' } & SyntheticSource)
  | ({ readonly kind: 'replay'; readonly file: string } & ReplayHow);

/** A tape has its own times and quantities: these would be ignored with it. */
const NOT_WITH_REPLAY = 'rate p99-bound arrivals branching decay qty qty-mean qty-shape seed'.split(' ');

/** An option without effect is the user's mistake, and is reported. */
function refuse(given: GivenOptions, names: readonly string[], because: string): void {
  const name = names.find((each) => given.has(each));
  if (name !== undefined) throw new LoadUsageError(`--${name} ${because}`);
}

function readArrivals(given: GivenOptions): ArrivalLaw {
  const kind = choice('arrivals', given.get('arrivals') ?? 'fixed', ['fixed', 'poisson', 'hawkes']);
  if (kind !== 'hawkes') {
    refuse(given, ['branching', 'decay'], 'needs --arrivals hawkes');
    return { kind };
  }
  return {
    kind,
    branchingRatio: inRange('branching', given.get('branching') ?? '0.7', 0, 1),
    decaySeconds: timeSpan('decay', given.get('decay') ?? '100ms'),
  };
}

function readQuantity(given: GivenOptions): QuantityLaw {
  const kind = choice('qty', given.get('qty') ?? 'fixed', ['fixed', 'lognormal', 'pareto']);
  if (kind === 'fixed') {
    refuse(given, ['qty-mean', 'qty-shape'], 'needs --qty lognormal or --qty pareto');
    return { kind };
  }
  const mean = positive('qty-mean', given.get('qty-mean') ?? '1');
  const shape = positive('qty-shape', given.get('qty-shape') ?? (kind === 'pareto' ? '1.5' : '1'));
  if (kind === 'pareto' && shape <= 1)
    throw new LoadUsageError(
      `--qty-shape must be over 1 for pareto, which has no mean below, not "${shape}"`,
    );
  return { kind, mean, shape };
}

function readSymbol(symbol: string | undefined): string | undefined {
  if (symbol === undefined || SYMBOL.test(symbol)) return symbol;
  throw new LoadUsageError(
    `--symbol must have 1 to 32 characters of A-Z, a-z, 0-9 and . _ : / -, not "${symbol}"`,
  );
}

/**
 * Reads the source of a run's trades.
 * @throws {LoadUsageError} naming the option at fault
 */
export function readSource(given: GivenOptions): LoadSource {
  const file = given.get('replay');
  if (file !== undefined) {
    refuse(given, NOT_WITH_REPLAY, 'has no meaning with --replay: a tape has its own times and quantities');
    const speed = positive('speed', given.get('speed') ?? '1');
    return { kind: 'replay', file, speed, symbol: readSymbol(given.get('symbol')) };
  }
  refuse(given, ['speed', 'symbol'], 'needs --replay');
  return {
    kind: 'synthetic',
    arrivals: readArrivals(given),
    quantity: readQuantity(given),
    seed: seed('seed', given.get('seed') ?? '1'),
  };
}
