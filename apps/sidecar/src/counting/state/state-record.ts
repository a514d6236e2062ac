import { crc32 } from 'node:zlib';
import type { RejectionReason } from '@app/contracts';
import type { DeliveryPosition } from '@app/zmq-transport';
import type { RecorderState } from '../trade-recorder.js';

/** Changes with the form of the record. An older sidecar refuses to start on what a newer one wrote, and says so. */
export const STATE_FORMAT = 1;

/** What was rejected, and what was replayed of it. */
export interface RejectionCounts {
  readonly rejected: Readonly<Partial<Record<RejectionReason, number>>>;
  /** Dead letters that were replayed. */
  readonly replayed: number;
}

/** Every count that continues after a restart, at one moment. Plain data: this is what is written. */
export interface SidecarCounters extends RecorderState, RejectionCounts {}

/** The counts of a first start. */
export const NO_COUNTS: SidecarCounters = {
  sides: { buy: { trades: 0, volume: 0 }, sell: { trades: 0, volume: 0 } },
  lastTradeSeconds: 0,
  clockSkew: 0,
  rejected: {},
  replayed: 0,
};

/**
 * The counts, and how far each producer was handled. The two must agree, so they are one value: it is on the disk as a
 * whole or not at all.
 */
export interface StateRecord {
  readonly format: typeof STATE_FORMAT;
  readonly counters: SidecarCounters;
  readonly positions: readonly DeliveryPosition[];
  /** How many letters are stored beside the record: it shows when one is missing. */
  readonly letters: number;
}

/** A dead letter with its place in the order of rejection; numbers continue after a restart. What it holds is JSON. */
export interface NumberedLetter<Letter = unknown> {
  readonly number: number;
  readonly letter: Letter;
}

/** A count with labels, such as that of one symbol, which is written beside the record when it has changed. */
export interface StateRow {
  /** The name of the `KeptRows` that it belongs to. */
  readonly part: string;
  readonly key: string;
  /** JSON; undefined: it is no longer kept. */
  readonly value: unknown;
}

/** The values of a part by their keys, as a start finds them. */
export type KeptValues = ReadonlyMap<string, unknown>;

/** What a write changes. */
export interface StateChange {
  readonly record: StateRecord;
  readonly rows: readonly StateRow[];
  /** What the analysis remembers of the last minutes, when a new one is due. */
  readonly snapshot: Buffer | undefined;
  /** Letters that are new or were replayed. */
  readonly letters: readonly NumberedLetter[];
  /** Letters with a smaller number are deleted. */
  readonly firstLetter: number;
}

/** What a start finds. */
export interface KeptState {
  readonly record: StateRecord;
  readonly letters: readonly NumberedLetter[];
  readonly rows: ReadonlyMap<string, KeptValues>;
  /** As it was written: it has a checksum of its own. Undefined: there is none. */
  readonly snapshot: Buffer | undefined;
}

/** Stored data is not what was written: the disk is damaged, or another program wrote the file. */
export class BrokenSealError extends Error {
  readonly code = 'ERR_BROKEN_SEAL';

  constructor(what: string, options?: ErrorOptions) {
    super(`${what} is damaged`, options);
    this.name = 'BrokenSealError';
  }
}

/** JSON behind its checksum. LMDB notices a changed byte only where it breaks LMDB's own tree. */
export function seal(value: unknown): string {
  const text = JSON.stringify(value);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}`;
}

/**
 * Reads what `seal` wrote.
 *
 * @param what its name for people, used in the error
 * @throws BrokenSealError when it is not what was written
 */
export function unseal(sealed: unknown, what: string): unknown {
  if (typeof sealed !== 'string') throw new BrokenSealError(what);
  const text = sealed.slice(9);
  if (crc32(text) !== Number.parseInt(sealed.slice(0, 8), 16)) throw new BrokenSealError(what);
  return JSON.parse(text) as unknown;
}
