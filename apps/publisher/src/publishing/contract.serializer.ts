import type { ReadPacket, Serializer } from '@nestjs/microservices';

/** The contract's wire form: Nest's pattern is the event's own `type`, and there is no envelope. */
export class ContractSerializer implements Serializer<ReadPacket<{ readonly type?: unknown }>, object> {
  serialize({ pattern, data }: ReadPacket<{ readonly type?: unknown }>): object {
    return data.type === pattern ? data : { ...data, type: pattern as unknown };
  }
}
