import { METRICS, TRADE_PATTERN, type TradeEvent, type TradeSide } from '@app/contracts';
import { pulledCounters } from '@app/service-kit';
import { ZmqClient } from '@app/zmq-transport';
import { Inject, Injectable } from '@nestjs/common';
import { PublisherFeed } from '../live/live-feed.js';
import { TRADES_CLIENT } from './trades-client.token.js';

/** Hands trades to the injected client; counts and shows those that were taken. */
@Injectable()
export class TradesService {
  /** Events that the client has taken; the counter is given them at each scrape. */
  private readonly accepted: Record<TradeSide, number> = { buy: 0, sell: 0 };

  constructor(
    @Inject(TRADES_CLIENT) private readonly client: ZmqClient,
    private readonly feed: PublisherFeed,
  ) {
    pulledCounters(METRICS.publisherAccepted, 'side', () => this.accepted);
  }

  /**
   * Hands an event to the client. With DELIVERY=durable it is taken when it is on the disk, else at once. When it was
   * not taken, nothing was emitted, counted or shown.
   *
   * @returns undefined when it was taken at once, else a promise of that, which rejects with the client's own error
   * @throws the client's own error, such as a full outbox
   */
  emit(trade: TradeEvent): Promise<void> | undefined {
    const storing = this.client.offer(TRADE_PATTERN, trade);
    if (storing !== undefined) return storing.then(() => this.onTaken(trade));
    this.onTaken(trade);
    return undefined;
  }

  /** Counts and shows an event that the client has taken. */
  onTaken(trade: TradeEvent): void {
    this.accepted[trade.side] += 1;
    this.feed.publish(trade);
  }
}
