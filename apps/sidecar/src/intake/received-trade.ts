import type { TradeEvent } from '@app/contracts';

/**
 * A trade as its handler sees it. An interface and not the class, on purpose: the application's validation pipe would
 * run class-validator on a class, a hundred times slower than the compiled validator that has run already.
 */
export interface ReceivedTrade extends Readonly<TradeEvent> {}

/** What a handler needs of the transport's context; an interface for the same reason. */
export interface Receipt {
  /** Unix epoch seconds. */
  readonly receivedAtSeconds: number;
}
