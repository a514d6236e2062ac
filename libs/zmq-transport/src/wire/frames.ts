import { type DeliveryFailure, printable } from '@app/transport-core';

/**
 * The first byte of every message between DEALER and ROUTER: it says what the message is. PROTOCOL.md describes each kind.
 * HELLO and READY carry the version.
 */
export const PROTOCOL_VERSION = 2;

/** Client to server: a batch of packets (events, and requests with an `id`), as the codec joins them. */
export const PACKETS = 0x01;
/** Client to server: JSON array of the ids of requests whose answers nobody waits for any more. */
export const CANCEL = 0x02;
/** Client to server: opaque bytes that the PONG carries back. */
export const PING = 0x03;
/** Client to server, first on each connection: JSON, see `wire/greeting.ts`. */
export const HELLO = 0x04;
/** Client to server: a numbered batch of events, its header is below. */
export const DELIVER = 0x05;
/** Server to client: a batch of replies, as the codec joins them. */
export const REPLIES = 0x11;
/** Server to client: the bytes of a PING. */
export const PONG = 0x13;
/** Server to client: accepts a HELLO, JSON. */
export const READY = 0x14;
/** Server to client: refuses a HELLO, JSON. */
export const REFUSED = 0x15;
/** Server to client: events up to a number are handled, its header is below. */
export const ACK = 0x16;
/** Server to client: the session has ended, send HELLO again. */
export const RESYNC = 0x17;

const KINDS = [PACKETS, CANCEL, PING, HELLO, REPLIES, PONG, READY, REFUSED];
const FRAMES = new Map(KINDS.map((kind) => [kind, Buffer.from([kind])]));

/** The one-byte frame of a kind; always the same object. */
export function kindFrame(kind: number): Buffer {
  const frame = FRAMES.get(kind);
  if (frame === undefined) {
    throw new RangeError(`0x${kind.toString(16)} is not a frame kind`);
  }
  return frame;
}

/** Whether a kind's first frame may be longer than one byte. */
const HEADED = new Set([DELIVER, ACK, RESYNC]);

/** The kind of a message, or undefined when its first frame names none. */
export function kindOf(frame: Buffer | undefined): number | undefined {
  const kind = frame?.[0];
  return kind !== undefined && (frame?.length === 1 || HEADED.has(kind)) ? kind : undefined;
}

/** Bytes of a session's token; in memory it is their hexadecimal text. */
export const SESSION_BYTES = 8;

/**
 * Most events that one gap in a peer's numbers adds to a counter, since a peer may claim anything. A day at ten thousand a
 * second.
 */
export const MAX_BELIEVED_GAP = 1_000_000_000;

const SESSION_END = 1 + SESSION_BYTES;
const DELIVER_BYTES = SESSION_END + 8 + 8 + 4;
/** Most characters of a failure's detail: an ACK must not grow beyond what its peer reads. */
export const MAX_DETAIL_LENGTH = 256;
const ACK_BYTES = SESSION_END + 8 + 4;

/** The header before the payload of a DELIVER. */
export interface DeliverHeader {
  readonly session: string;
  /** The number of the last event before `first` that was sent or acknowledged. */
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

/** @returns undefined for a frame that is no DELIVER header, or has impossible numbers. */
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

/** @returns what can be read of a failures frame, made printable; an empty list for any other frame. */
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

/** Reads a control payload, which is JSON whatever the codec; undefined for anything else. */
export function parseJson(frame: Buffer): unknown {
  try {
    return JSON.parse(frame.toString('utf8')) ?? undefined;
  } catch {
    // The caller rejects or ignores it: an exception must not end its loop.
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
