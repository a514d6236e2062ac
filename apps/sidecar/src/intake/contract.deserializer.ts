import type { Deserializer, IncomingEvent } from '@nestjs/microservices';

/**
 * Reads the contract's wire form: the event itself, whose `type` is the Nest pattern. Anything else gets no pattern,
 * which the transport rejects.
 */
export class ContractDeserializer implements Deserializer<unknown, IncomingEvent> {
  deserialize(value: unknown): IncomingEvent {
    return { pattern: typeOf(value), data: value };
  }
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
}
