import type { DeliveryMode, TradeEvent } from '@app/contracts';
import type { SocketPair } from '@app/zmq-transport';

/** The link's state and the queue's depth, as `/events` tells it. */
export interface LinkEvent {
  type: 'link';
  state: string;
  delivery: DeliveryMode;
  /** The sockets the events leave by; with `pub-sub` nothing waits for a sidecar. */
  pair: SocketPair;
  /** Events that wait for a sidecar; unless `delivery` is `at-most-once`, until it has acknowledged them. */
  queued: number;
  /** Plain words while no sidecar is connected. */
  notice?: string;
}

/** What `/events` carries: trades exactly as they were emitted, and what is known of the link. */
export type PublisherEvent = TradeEvent | LinkEvent;
