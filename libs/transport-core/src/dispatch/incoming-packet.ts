import type { Deserializer, PacketMetadata } from '@nestjs/microservices';

/** Nest's packet as a deserializer gives it; nothing about it can be trusted. */
export interface IncomingPacket {
  readonly pattern?: unknown;
  readonly data?: unknown;
  readonly id?: unknown;
  readonly metadata?: PacketMetadata;
}

/**
 * A deserializer for values that are events themselves and carry their pattern in themselves. A server that finds
 * `patternOf` asks it alone: nothing is made for an event, and a batch handler gets the array as it was decoded.
 */
export interface BareEventDeserializer extends Deserializer {
  /** The pattern of a value, which is then the data; undefined when it has none. */
  patternOf(value: unknown): unknown;
}

/** Where a message came from, when answers can go back there. */
export interface RequestSink {
  request(packet: IncomingPacket, pattern: string, receivedAtSeconds: number): void;
}
