import { METRICS, TRADE_PATTERN, type TradeEvent, type TradeSide } from '@app/contracts';
import { pulledCounters } from '@app/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import { EventTypes } from '../config/event-types.js';
import { type PublishedEvent, type TradeDelivery, TRADES_LINK, type TradesLink } from './trades-link.js';

function isTrade(event: PublishedEvent): event is TradeEvent {
  return event.type === TRADE_PATTERN;
}

/** Hands events to the link, counts those that it takes, and tells a listener about each. */
@Injectable()
export class TradesService {
  /** Events that the link has taken; the counter reads them at each scrape. */
  private readonly accepted: Record<TradeSide, number> = { buy: 0, sell: 0 };
  private readonly acceptedByType: Map<string, number>;
  private show: (trade: TradeEvent) => void = () => undefined;

  constructor(
    @Inject(TRADES_LINK) private readonly link: TradesLink,
    types: EventTypes,
  ) {
    pulledCounters(METRICS.publisherAccepted, 'side', () => this.accepted);
    this.acceptedByType = new Map(types.names.map((type) => [type, 0]));
    if (types.names.length === 0) return;
    pulledCounters(METRICS.publisherEvents, 'type', () => Object.fromEntries(this.acceptedByType));
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
  emit(event: PublishedEvent): Promise<void> | undefined {
    const storing = this.link.offer(event);
    if (storing !== undefined) return storing.then(() => this.taken(event));
    this.taken(event);
    return undefined;
  }

  /** As `emit`, and lets the caller follow the event. */
  async deliver(event: PublishedEvent): Promise<TradeDelivery> {
    const delivery = await this.link.deliver(event);
    await delivery.taken;
    this.taken(event);
    return delivery;
  }

  private taken(event: PublishedEvent): void {
    if (!isTrade(event)) {
      this.acceptedByType.set(event.type, (this.acceptedByType.get(event.type) ?? 0) + 1);
      return;
    }
    this.accepted[event.side] += 1;
    this.show(event);
  }
}
