import { METRICS, TRADE_PATTERN, TRADE_SIDES, type TradeEvent, type TradeSide } from '@app/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { PublisherFeed } from '../events/publisher.feed.js';
import { TRADES_CLIENT } from '../link/trades-client.token.js';
import { outcomeOf } from './observable.outcome.js';

/** Hands trades to the injected client; counts and shows those that were taken. */
@Injectable()
export class TradesService {
  private readonly accepted: Record<TradeSide, Counter.Internal>;

  constructor(
    @Inject(TRADES_CLIENT) private readonly client: ClientProxy,
    private readonly feed: PublisherFeed,
    @InjectMetric(METRICS.publisherAccepted.name) accepted: Counter<'side'>,
  ) {
    // Bound once: a lookup by label on every event would be avoidable work.
    const [buy, sell] = TRADE_SIDES.map((side) => accepted.labels({ side }));
    this.accepted = { buy: buy as Counter.Internal, sell: sell as Counter.Internal };
    this.accepted.buy.inc(0);
    this.accepted.sell.inc(0);
  }

  /**
   * Hands an event to the client. With DELIVERY=durable it is taken when it is on the disk, else at once. When it was
   * not taken, nothing was emitted, counted or shown.
   *
   * @returns undefined when it was taken at once, else a promise of that, which rejects with the client's own error
   * @throws the client's own error, such as a full outbox
   */
  emit(trade: TradeEvent): Promise<void> | undefined {
    const storing = outcomeOf(this.client.emit<undefined>(TRADE_PATTERN, trade));
    if (storing !== undefined) return storing.then(() => this.onTaken(trade));
    this.onTaken(trade);
    return undefined;
  }

  /** Counts and shows an event that the client has taken. */
  onTaken(trade: TradeEvent): void {
    this.accepted[trade.side].inc();
    this.feed.publish(trade);
  }
}
