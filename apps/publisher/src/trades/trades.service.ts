import { METRICS, TRADE_PATTERN, TRADE_SIDES, type TradeEvent, type TradeSide } from '@app/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { lastValueFrom } from 'rxjs';
import { PublisherFeed } from '../events/publisher.feed.js';
import { TRADES_CLIENT } from '../link/trades-client.token.js';

const NOTHING = { defaultValue: undefined };

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
   * Resolves when the client has taken the event. Rejects with the client's own error (such as a full
   * outbox) when it has not; then nothing was emitted, counted or shown.
   */
  async emit(trade: TradeEvent): Promise<void> {
    await lastValueFrom(this.client.emit<undefined>(TRADE_PATTERN, trade), NOTHING);
    this.accepted[trade.side].inc();
    this.feed.publish(trade);
  }
}
