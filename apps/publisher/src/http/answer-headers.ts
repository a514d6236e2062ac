/** Every answer to a post carries the link's state in this header, whatever its status. */
export const LINK_HEADER = 'trading-link';

/** Names the event in an answer that waited for it: the producer's sequence, and the event's number in it. */
export const EVENT_ID_HEADER = 'trading-event-id';
