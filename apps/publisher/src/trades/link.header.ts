/** Every answer about trades carries the link's state in this header, whatever its status. */
export const LINK_HEADER = 'trading-link';
