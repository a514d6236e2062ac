/**
 * The first byte of every message between DEALER and ROUTER: it says what the rest is. PROTOCOL.md describes each kind.
 * HELLO and READY carry the version.
 */
export const PROTOCOL_VERSION = 2;

/** Client to server: a batch of packets (events, and requests with an `id`), as the codec joins them. */
export const PACKETS = 0x01;
/** Client to server: JSON array of the ids of requests whose answers nobody waits for any more. */
export const CANCEL = 0x02;
/** Client to server: opaque bytes, to be sent back in a PONG. */
export const PING = 0x03;
/** Client to server, first on each connection: JSON, see `wire/greeting.ts`. */
export const HELLO = 0x04;
/** Client to server: a numbered batch of events, see `wire/delivery-frames.ts`. */
export const DELIVER = 0x05;
/** Server to client: a batch of replies, as the codec joins them. */
export const REPLIES = 0x11;
/** Server to client: the bytes of a PING. */
export const PONG = 0x13;
/** Server to client: the answer to a HELLO that is welcome, JSON. */
export const READY = 0x14;
/** Server to client: the answer to a HELLO that is not, JSON. */
export const REFUSED = 0x15;
/** Server to client: events up to a number are handled, see `wire/delivery-frames.ts`. */
export const ACK = 0x16;
/** Server to client: say HELLO again. */
export const RESYNC = 0x17;

const KINDS = [PACKETS, CANCEL, PING, HELLO, REPLIES, PONG, READY, REFUSED];
const FRAMES = new Map(KINDS.map((kind) => [kind, Buffer.from([kind])]));

/** The one-byte frame of a kind; always the same object. */
export function kindFrame(kind: number): Buffer {
  const frame = FRAMES.get(kind);
  if (frame === undefined) {
    throw new RangeError(`0x${kind.toString(16)} is no frame kind`);
  }
  return frame;
}

/** Whether more than one byte may stand in a kind's first frame. */
const HEADED = new Set([DELIVER, ACK, RESYNC]);

/** The kind of a message, or undefined when its first frame is none. */
export function kindOf(frame: Buffer | undefined): number | undefined {
  const kind = frame?.[0];
  return kind !== undefined && (frame?.length === 1 || HEADED.has(kind)) ? kind : undefined;
}
