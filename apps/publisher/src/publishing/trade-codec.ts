import { SENT_FIELD, tradeText } from '@app/contracts';
import type { PostTraces } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { type EncodedValue, JsonCodec } from '@app/zmq-transport';
import type { ReadPacket, Serializer } from '@nestjs/microservices';

/** The contract's wire form: Nest's pattern is the event's own `type`, and there is no envelope. */
export class ContractSerializer implements Serializer<ReadPacket<{ readonly type?: unknown }>, object> {
  serialize({ pattern, data }: ReadPacket<{ readonly type?: unknown }>): object {
    return data.type === pattern ? data : { ...data, type: pattern as unknown };
  }
}

/** Adds to each event of a traced post its trace: the field `traceparent`, which the contract ignores. */
export class TracedSerializer extends ContractSerializer {
  constructor(private readonly posts: PostTraces) {
    super();
  }

  override serialize(packet: ReadPacket<{ readonly type?: unknown }>): object {
    const event = super.serialize(packet);
    const traceparent = this.posts.emitted(packet.pattern);
    return traceparent === undefined ? event : { ...event, traceparent };
  }
}

/** Encodes events as JSON; the contract itself writes the text of a plain trade. */
export class TradeCodec extends JsonCodec {
  override encode(value: unknown): EncodedValue<string> {
    const part = tradeText(value);
    // The text of a trade is ASCII, so each character is one byte.
    return part === undefined ? super.encode(value) : { part, bytes: part.length };
  }
}

/**
 * Adds to each event the time at which its message was made: as it is handed to the socket, or before that, when a full
 * message has to wait. An event is encoded when it is accepted, so the time is written into its text.
 */
export class SentTimeCodec extends TradeCodec {
  override join(parts: readonly string[]): string {
    const field = `,"${SENT_FIELD}":${epochSeconds()}}`;
    // Each part is the text of an object with at least one field, and ends in one brace.
    return super.join(parts.map((part) => part.slice(0, -1) + field));
  }
}
