/**
 * The first frame of every message between DEALER and ROUTER: one byte that says what the next frame is.
 * The version of this table is {@link PROTOCOL_VERSION}; HELLO and READY carry it.
 */
export const PROTOCOL_VERSION = 1;

/** Client to server: a batch of packets (events, and requests with an `id`), as the codec joins them. */
export const PACKETS = 0x01;
/** Client to server: JSON array of the ids of requests whose answers nobody waits for any more. */
export const CANCEL = 0x02;
/** Client to server: opaque bytes, to be sent back in a PONG. */
export const PING = 0x03;
/** Client to server, first on each connection: JSON `{ "version": number }`. */
export const HELLO = 0x04;
/** Server to client: a batch of replies, as the codec joins them. */
export const REPLIES = 0x11;
/** Server to client: the bytes of a PING. */
export const PONG = 0x13;
/** Server to client: the answer to a HELLO that is welcome, JSON `{ "version": number }`. */
export const READY = 0x14;
/** Server to client: the answer to a HELLO that is not, JSON `{ "version": number, "reason": string }`. */
export const REFUSED = 0x15;

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

/** The kind of a message, or undefined when its first frame is none. */
export function kindOf(frame: Buffer | undefined): number | undefined {
  return frame?.length === 1 ? frame[0] : undefined;
}
