import type { Attributes, HrTime } from '@opentelemetry/api';

/** What the conventions for messaging call the system, and the place where its messages go. */
export interface MessagingLink {
  readonly system: string;
  /** The stream; undefined over ZeroMQ, where the pattern alone leads to a handler. */
  readonly stream: string | undefined;
}

/** What spans of messages are made with. */
export interface Messaging {
  readonly link: MessagingLink;
  /** The clock that events are stamped by, in Unix epoch seconds. */
  readonly clock: () => number;
}

/** A time in the form that keeps microseconds. @param seconds Unix epoch seconds */
export function hrTimeOf(seconds: number): HrTime {
  const whole = Math.floor(seconds);
  return [whole, Math.round((seconds - whole) * 1e9)];
}

/** The attributes of every span about messages: https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function messagingAttributes(
  system: string,
  destination: string,
  operation: 'send' | 'receive' | 'process',
): Attributes {
  return {
    'messaging.system': system,
    'messaging.destination.name': destination,
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
  };
}
