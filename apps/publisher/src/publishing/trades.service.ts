import { METRICS, type TradeEvent, type TradeSide } from '@app/contracts';
import { pulledCounters } from '@app/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { type TradeDelivery, TRADES_LINK, type TradesLink } from './trades-link.js';

/** Hands trades to the link, counts those that it takes, and tells a listener about each. */
@Injectable()
export class TradesService {
  /** Events that the link has taken; the counter reads them at each scrape. */
  private readonly accepted: Record<TradeSide, number> = { buy: 0, sell: 0 };
  private show: (trade: TradeEvent) => void = () => undefined;

  constructor(@Inject(TRADES_LINK) private readonly link: TradesLink) {
    pulledCounters(METRICS.publisherAccepted, 'side', () => this.accepted);
  }

  /** From now on calls `listener` with each trade that the link has taken. There is one listener, the live feed. */
  onTaken(listener: (trade: TradeEvent) => void): void {
    this.show = listener;
  }

  /**
   * Hands an event to the link. With DELIVERY=durable the event is taken when it is on the disk, otherwise at once. An event
   * that is not taken is not emitted, counted or shown.
   *
   * @returns undefined when it was taken at once, otherwise a promise of that, which rejects with the client's own error
   * @throws the client's own error, such as a full outbox
   */
  emit(trade: TradeEvent): Promise<void> | undefined {
    const storing = this.link.offer(trade);
    if (storing !== undefined) return storing.then(() => this.taken(trade));
    this.taken(trade);
    return undefined;
  }

  /** As `emit`, and lets the caller follow the event. */
  async deliver(trade: TradeEvent): Promise<TradeDelivery> {
    const delivery = await this.link.deliver(trade);
    await delivery.taken;
    this.taken(trade);
    return delivery;
  }

  private taken(trade: TradeEvent): void {
    this.accepted[trade.side] += 1;
    this.show(trade);
  }
}
