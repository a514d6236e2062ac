import type { RingSlice } from './event-ring.js';

/** Asks browsers to come back after a second, and opens the stream through proxies that wait for a first byte. */
export const OPENING_FRAME = 'retry: 1000\n\n';

/** A comment that readers ignore: it keeps idle connections from being cut by what stands between. */
export const HEARTBEAT_FRAME = ': still here\n\n';

/**
 * One server-sent message with all `items` as a JSON array. Items that were overwritten before they could
 * be sent are announced first, by a `gap` event with their number: a feed may skip, never in silence.
 */
export function toFrame<T>(id: string, { items, missed }: RingSlice<T>): string {
  const gap = missed > 0 ? `event: gap\ndata: {"missed":${missed}}\n\n` : '';
  return `${gap}id: ${id}\ndata: ${JSON.stringify(items)}\n\n`;
}
