import type { DeliveryPosition } from '@app/zmq-transport';
import type { NumberedLetter } from '../rejections/dead-letter.js';
import type { SidecarCounters } from './sidecar.counters.js';

/** Changes with the form of the record. An older sidecar refuses what a newer one wrote, and says so. */
export const STATE_FORMAT = 1;

/**
 * What has to agree, in one value: the counts and how far each producer was handled. It is written as a whole, so it
 * is there as a whole or not at all.
 */
export interface StateRecord {
  readonly format: typeof STATE_FORMAT;
  readonly counters: SidecarCounters;
  readonly positions: readonly DeliveryPosition[];
  /** How many letters are kept beside it: a letter that is missing shows. */
  readonly letters: number;
}

/** What a write changes. */
export interface StateChange {
  readonly record: StateRecord;
  /** Letters that are new or were sent again. */
  readonly letters: readonly NumberedLetter[];
  /** Letters with a smaller number are not kept any more. */
  readonly firstLetter: number;
}

/** What a start finds. */
export interface KeptState {
  readonly record: StateRecord;
  readonly letters: readonly NumberedLetter[];
}
