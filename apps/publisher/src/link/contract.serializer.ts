import type { ReadPacket, Serializer } from '@nestjs/microservices';

/** The contract's wire form: Nest's pattern is the event's own `type`, and there is no envelope. */
export class ContractSerializer implements Serializer<ReadPacket<object>, object> {
  serialize({ pattern, data }: ReadPacket<object>): object {
    return { ...data, type: pattern as unknown };
  }
}
