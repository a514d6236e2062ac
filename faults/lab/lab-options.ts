import { positive } from '../../bench/load/options/option-values.js';
import { type GivenOptions, textOf, UsageError } from '../usage-error.js';
import { DISTURBANCES, type Disturbance } from './disturbance-catalogue.js';
import { DELIVERY_MODES, type DeliveryMode } from './mode-catalogue.js';

/** What one call is asked to do. */
export interface LabOptions {
  readonly modes: readonly DeliveryMode[];
  readonly disturbances: readonly Disturbance[];
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly jsonFile: string | undefined;
  /** Whether the table goes into docs/reference/delivery.md. */
  readonly writesDocument: boolean;
}

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  wanted: readonly string[],
): readonly T[] {
  const found = all.filter(({ name }) => wanted.includes(name));
  return found.length === 0 ? all : found;
}

/** @throws UsageError, or the load generator's, naming the option at fault */
export function parseLabOptions(given: GivenOptions): LabOptions {
  const wanted = (textOf(given, 'only') ?? '').split(',').filter((name) => name !== '');
  const known = [...DELIVERY_MODES, ...DISTURBANCES].map(({ name }) => name);
  const wrong = wanted.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new UsageError(`--only: "${wrong}" is not one of ${known.join(', ')}`);
  return {
    modes: chosen(DELIVERY_MODES, wanted),
    disturbances: chosen(DISTURBANCES, wanted),
    eventsPerSecond: positive('rate', textOf(given, 'rate') ?? '1000'),
    seconds: positive('seconds', textOf(given, 'seconds') ?? '8'),
    jsonFile: textOf(given, 'json'),
    writesDocument: given['write'] === true,
  };
}
