import type { RejectionReason } from '@app/contracts';
import type { RefusedEvent } from '@app/zmq-transport';
import type { EventRefusedError } from '../rejections/event-refused.error.js';

/** A refusal on its way through the transport: it is not tried again, its producer is told, and it keeps its reason. */
export interface RefusedTrade extends RefusedEvent {
  readonly contractReason: RejectionReason;
}

/** What the intake ends a refused event with. */
export function refusedTrade({ reason, message }: EventRefusedError): RefusedTrade {
  return { status: 'error', message, isRefusedEvent: true, contractReason: reason };
}

/** Whether the transport reports what `refusedTrade` made. */
export function isRefusedTrade(cause: unknown): cause is RefusedTrade {
  return typeof cause === 'object' && cause !== null && 'contractReason' in cause;
}
