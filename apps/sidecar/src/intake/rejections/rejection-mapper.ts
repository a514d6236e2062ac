import type { RejectionReason } from '@app/contracts';
import type { RefusedEvent, RejectedMessage } from '@app/zmq-transport';
import type { Rejection } from './dead-letter.js';

/**
 * What the handler gives the transport for an event that it rejects. The transport does not retry the event, tells its
 * producer, and reports it with this value, so that the rejection keeps the contract's reason.
 */
export interface RejectedTrade extends RefusedEvent {
  readonly contractReason: RejectionReason;
}

/** Makes one. `message`: one sentence for people. */
export function rejectedTrade(contractReason: RejectionReason, message: string): RejectedTrade {
  return { status: 'error', message, isRefusedEvent: true, contractReason };
}

/** Whether the transport reports what `rejectedTrade` made. */
export function isRejectedTrade(cause: unknown): cause is RejectedTrade {
  return typeof cause === 'object' && cause !== null && 'contractReason' in cause;
}

/** Puts a rejection of the transport into the words of the contract, whose set of reasons is closed. */
export function toRejection(message: RejectedMessage): Rejection {
  const { detail, content, receivedAtSeconds } = message;
  return { reason: toReason(message), detail, content, receivedAtSeconds };
}

function toReason({ reason, content, cause }: RejectedMessage): RejectionReason {
  switch (reason) {
    case 'no_pattern':
      return isJsonObject(content) ? 'unknown_type' : 'not_an_object';
    case 'no_handler':
      return 'unknown_type';
    case 'handler_failed':
      return isRejectedTrade(cause) ? cause.contractReason : reason;
    default:
      return reason;
  }
}

function isJsonObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
