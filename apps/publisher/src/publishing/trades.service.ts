import { METRICS, TRADE_PATTERN, type TradeEvent, type TradeSide } from '@app/contracts';
import { pulledCounters } from '@app/service-kit';
import { type Delivery, ZmqClient } from '@app/zmq-transport';
import { Inject, Injectable } from '@nestjs/common';
import { TRADES_CLIENT } from './trades-client.js';

/** Hands trades to the injected client, counts those that it takes, and tells a listener about each. */
@Injectable()
export class TradesService {
  /** Events that the client has taken; the counter reads them at each scrape. */
  private readonly accepted: Record<TradeSide, number> = { buy: 0, sell: 0 };
  private show: (trade: TradeEvent) => void = () => undefined;

  constructor(@Inject(TRADES_CLIENT) private readonly client: ZmqClient) {
    pulledCounters(METRICS.publisherAccepted, 'side', () => this.accepted);
  }

  /** From now on calls `listener` with each trade that the client has taken. There is one listener, the live feed. */
  onTaken(listener: (trade: TradeEvent) => void): void {
    this.show = listener;
  }

  /**
   * Hands an event to the client. With DELIVERY=durable the event is taken when it is on the disk, otherwise at once. An event
   * that is not taken is not emitted, counted or shown.
   *
   * @returns undefined when it was taken at once, otherwise a promise of that, which rejects with the client's own error
   * @throws the client's own error, such as a full outbox
   */
  emit(trade: TradeEvent): Promise<void> | undefined {
    const storing = this.client.offer(TRADE_PATTERN, trade);
    if (storing !== undefined) return storing.then(() => this.taken(trade));
    this.taken(trade);
    return undefined;
  }

  /** As `emit`, and returns the event's `Delivery`, which follows it until the sidecar has applied it. */
  async deliver(trade: TradeEvent): Promise<Delivery> {
    const delivery = await this.client.deliver(TRADE_PATTERN, trade);
    await delivery.stored;
    this.taken(trade);
    return delivery;
  }

  private taken(trade: TradeEvent): void {
    this.accepted[trade.side] += 1;
    this.show(trade);
  }
}
