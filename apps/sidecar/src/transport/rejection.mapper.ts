import type { RejectionReason } from '@app/contracts';
import type { RejectedMessage } from '@app/zmq-transport';
import type { Rejection } from '../rejections/dead-letter.js';

/** Says in the contract's closed set of reasons what the transport rejected in its own. */
export function toRejection({ reason, detail, content, receivedAtSeconds }: RejectedMessage): Rejection {
  return { reason: toReason(reason, content), detail, content, receivedAtSeconds };
}

function toReason(reason: RejectedMessage['reason'], content: unknown): RejectionReason {
  switch (reason) {
    case 'no_pattern':
      return isJsonObject(content) ? 'unknown_type' : 'not_an_object';
    case 'no_handler':
      return 'unknown_type';
    default:
      return reason;
  }
}

function isJsonObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
