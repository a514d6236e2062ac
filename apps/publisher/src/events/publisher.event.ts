import type { TradeEvent } from '@app/contracts';

/** The link's state and the queue's depth, as `/events` tells it. */
export interface LinkEvent {
  type: 'link';
  state: string;
  /** Events that wait for a sidecar. */
  queued: number;
  /** Plain words while no sidecar is connected. */
  notice?: string;
}

/** What `/events` carries: trades exactly as they were emitted, and what is known of the link. */
export type PublisherEvent = TradeEvent | LinkEvent;
