import type { RejectionReason } from '@app/contracts';

/** Thrown on the way of an event to say that it is not applied, and why. It is counted, never logged. */
export class EventRefusedError extends Error {
  readonly code = 'ERR_EVENT_REFUSED';

  /** `message` is one sentence for people; it goes into the dead letter. */
  constructor(
    readonly reason: RejectionReason,
    message: string,
  ) {
    super(message);
    this.name = 'EventRefusedError';
  }
}
