/**
 * A sender may add to each event the time at which it handed the event to its socket: `sent`, Unix epoch seconds. It is not
 * part of the event, and no event is rejected over it. It only lets a receiver tell time in the sender's queue from time on the
 * way.
 */
export const SENT_FIELD = 'sent';

/** When its sender handed an event to the socket; undefined when it did not say, or not in seconds. */
export function sentAtSeconds(event: object): number | undefined {
  const sent: unknown = (event as { [SENT_FIELD]?: unknown })[SENT_FIELD];
  return typeof sent === 'number' ? sent : undefined;
}
