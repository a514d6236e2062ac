import { TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { type Delivery, EventFailedError, ZmqClient, ZmqTransportError } from '@app/zmq-transport';
import { Inject, Injectable } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { TRADES_CLIENT } from '../link/trades-client.token.js';
import { TradeRefusedException } from './trade-refused.exception.js';
import { TradesService } from './trades.service.js';

/** What became of an event by the deadline. */
export type AppliedOutcome =
  | { readonly kind: 'applied' }
  /** It waits, and will still arrive. */
  | { readonly kind: 'late' }
  /** The sidecar refused it or failed, or it was given up: it will not be applied. */
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string };

const NEEDS =
  'wait=applied needs a sidecar that acknowledges: set DELIVERY=acknowledged or DELIVERY=durable on both apps';

/** Trades whose poster wants to know when the sidecar has applied them. */
@Injectable()
export class AppliedTrades {
  constructor(
    @Inject(TRADES_CLIENT) private readonly client: ZmqClient,
    private readonly trades: TradesService,
    private readonly config: PublisherConfig,
  ) {}

  /** @throws TradeRefusedException 409 where nobody acknowledges */
  assertPossible(): void {
    if (this.config.DELIVERY !== 'at-most-once') return;
    const errors = [{ field: 'wait', rule: 'delivery', message: NEEDS }];
    throw new TradeRefusedException('invalid_wait', { status: 409, detail: NEEDS, errors });
  }

  /** As `TradesService.emit`, and gives what follows the event. */
  async emit(trade: TradeEvent): Promise<Delivery> {
    const delivery = await this.client.deliver(TRADE_PATTERN, trade);
    await delivery.stored;
    this.trades.onTaken(trade);
    return delivery;
  }

  /** What has become of the events APPLIED_TIMEOUT_MS from now at the latest, in their order. */
  async outcomes(deliveries: readonly Delivery[]): Promise<AppliedOutcome[]> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<AppliedOutcome>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'late' }), this.config.APPLIED_TIMEOUT_MS);
    });
    try {
      return await Promise.all(
        deliveries.map(({ applied }) =>
          Promise.race([applied.then((): AppliedOutcome => ({ kind: 'applied' }), failureOf), late]),
        ),
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @throws what is no answer of the transport's */
function failureOf(error: unknown): AppliedOutcome {
  if (error instanceof EventFailedError) {
    return { kind: 'failed', reason: error.reason, detail: error.message };
  }
  if (error instanceof ZmqTransportError)
    return { kind: 'failed', reason: 'given_up', detail: error.message };
  throw error;
}
