/** Every answer to a post carries the link's state in this header, whatever its status. */
export const LINK_HEADER = 'trading-link';

/** The event's id, in an answer that waited for the event: the producer's sequence, and the event's number in it. */
export const EVENT_ID_HEADER = 'trading-event-id';
