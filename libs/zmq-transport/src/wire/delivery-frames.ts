import { type DeliveryFailure, printable } from '@app/transport-core';
import { ACK, DELIVER, RESYNC } from './frame-kind.js';

/** Bytes of a session's token; in memory it is their hexadecimal text. */
export const SESSION_BYTES = 8;

const SESSION_END = 1 + SESSION_BYTES;
const DELIVER_BYTES = SESSION_END + 8 + 8 + 4;
/** Characters of what is said of a failure: an ACK must not grow beyond what its peer reads. */
export const MAX_DETAIL_LENGTH = 256;
const ACK_BYTES = SESSION_END + 8 + 4;

/** What stands before the payload of a DELIVER. */
export interface DeliverHeader {
  readonly session: string;
  /** The number of the event before `first` that the producer sent or that was acknowledged. */
  readonly previous: number;
  readonly first: number;
  readonly count: number;
}

/** Events up to `sequence` are handled; `window` events beyond it may be on their way. */
export interface AckHeader {
  readonly session: string;
  readonly sequence: number;
  readonly window: number;
}

export function encodeDeliver({ session, previous, first, count }: DeliverHeader): Buffer {
  const frame = Buffer.allocUnsafe(DELIVER_BYTES);
  frame[0] = DELIVER;
  frame.write(session, 1, 'hex');
  frame.writeBigUInt64BE(BigInt(previous), SESSION_END);
  frame.writeBigUInt64BE(BigInt(first), SESSION_END + 8);
  frame.writeUInt32BE(count, SESSION_END + 16);
  return frame;
}

/** @returns undefined for a frame that is no DELIVER header, or whose numbers cannot be. */
export function decodeDeliver(frame: Buffer): DeliverHeader | undefined {
  if (frame.length !== DELIVER_BYTES) {
    return undefined;
  }
  const session = sessionOf(frame);
  const previous = Number(frame.readBigUInt64BE(SESSION_END));
  const first = Number(frame.readBigUInt64BE(SESSION_END + 8));
  const count = frame.readUInt32BE(SESSION_END + 16);
  const possible = count > 0 && previous < first && Number.isSafeInteger(first + count - 1);
  return possible ? { session, previous, first, count } : undefined;
}

export function encodeAck({ session, sequence, window }: AckHeader): Buffer {
  const frame = Buffer.allocUnsafe(ACK_BYTES);
  frame[0] = ACK;
  frame.write(session, 1, 'hex');
  frame.writeBigUInt64BE(BigInt(sequence), SESSION_END);
  frame.writeUInt32BE(window, SESSION_END + 8);
  return frame;
}

/** @returns undefined for a frame that is no ACK header. */
export function decodeAck(frame: Buffer): AckHeader | undefined {
  if (frame.length !== ACK_BYTES) {
    return undefined;
  }
  const sequence = Number(frame.readBigUInt64BE(SESSION_END));
  const window = frame.readUInt32BE(SESSION_END + 8);
  return Number.isSafeInteger(sequence) ? { session: sessionOf(frame), sequence, window } : undefined;
}

export function encodeResync(session: string): Buffer {
  const frame = Buffer.allocUnsafe(SESSION_END);
  frame[0] = RESYNC;
  frame.write(session, 1, 'hex');
  return frame;
}

/** @returns the session's token, or undefined for a frame that is no RESYNC. */
export function decodeResync(frame: Buffer): string | undefined {
  return frame.length === SESSION_END ? sessionOf(frame) : undefined;
}

export function encodeFailures(failures: readonly DeliveryFailure[]): string {
  return JSON.stringify(failures.map(({ sequence, reason, detail }) => [sequence, reason, detail]));
}

/** @returns what can be read of a failures frame, made printable; nothing of one that is none. */
export function decodeFailures(frame: Buffer | undefined): readonly DeliveryFailure[] {
  const rows = frame === undefined ? undefined : parseJson(frame);
  if (!Array.isArray(rows)) {
    return [];
  }
  return (rows as unknown[]).filter(isFailureRow).map(([sequence, reason, detail]) => ({
    sequence,
    reason: printable(reason.slice(0, MAX_DETAIL_LENGTH)),
    detail: printable(detail.slice(0, MAX_DETAIL_LENGTH)),
  }));
}

/** Control payloads are JSON whatever the codec; undefined for anything else. */
export function parseJson(frame: Buffer): unknown {
  try {
    return JSON.parse(frame.toString('utf8')) ?? undefined;
  } catch {
    // What the caller makes of it is a rejection, or nothing: never an exception in a loop.
    return undefined;
  }
}

function sessionOf(frame: Buffer): string {
  return frame.toString('hex', 1, SESSION_END);
}

function isFailureRow(row: unknown): row is [number, string, string] {
  return (
    Array.isArray(row) &&
    typeof row[0] === 'number' &&
    typeof row[1] === 'string' &&
    typeof row[2] === 'string'
  );
}
