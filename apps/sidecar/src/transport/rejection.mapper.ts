import type { RejectionReason } from '@app/contracts';
import type { RejectedMessage } from '@app/zmq-transport';
import { isRefusedTrade } from '../intake/refused.event.js';
import type { Rejection } from '../rejections/dead-letter.js';

/** Says in the contract's closed set of reasons what the transport rejected in its own. */
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
      return isRefusedTrade(cause) ? cause.contractReason : reason;
    default:
      return reason;
  }
}

function isJsonObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
