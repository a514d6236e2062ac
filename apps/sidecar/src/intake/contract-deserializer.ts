import type { BareEventDeserializer } from '@app/zmq-transport';
import type { IncomingEvent } from '@nestjs/microservices';

/**
 * Reads the contract's wire form: the event itself, whose `type` is the Nest pattern. Anything else has no pattern, and
 * the transport rejects it.
 */
export class ContractDeserializer implements BareEventDeserializer {
  patternOf(value: unknown): unknown {
    return typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  }

  deserialize(value: unknown): IncomingEvent {
    return { pattern: this.patternOf(value), data: value };
  }
}
