import { TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { ThrottledLog } from '@app/service-kit';
import { type Delivery, EventFailedError, ZmqClient, ZmqTransportError } from '@app/zmq-transport';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { TRADES_CLIENT } from './trades-client.token.js';
import { emitFailureOf } from './emit-failure.js';
import { TradeRefusedException } from '../http/trade-refused.exception.js';
import { TradeRefusals } from '../http/refusals.js';
import { TradesService } from './trades.service.js';

/** What became of an event by the deadline. */
export type AppliedOutcome =
  | { readonly kind: 'applied' }
  /** It waits, and will still arrive. */
  | { readonly kind: 'late' }
  /** The sidecar refused it or failed, or it was given up: it will not be applied. */
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string };

/** Resolves when the time of a request is over. */
export type Deadline = Promise<typeof PASSED>;

const PASSED = Symbol('the deadline has passed');

const NEEDS =
  'wait=applied needs a sidecar that acknowledges: set DELIVERY=acknowledged or DELIVERY=durable on both apps';

/** Trades whose poster wants to know when the sidecar has applied them. */
@Injectable()
export class AppliedTrades {
  private readonly log = new ThrottledLog(new Logger(AppliedTrades.name));

  constructor(
    @Inject(TRADES_CLIENT) private readonly client: ZmqClient,
    private readonly trades: TradesService,
    private readonly refusals: TradeRefusals,
    private readonly config: PublisherConfig,
  ) {}

  /** @throws TradeRefusedException 409 where nobody acknowledges */
  assertPossible(): void {
    if (this.config.DELIVERY !== 'at-most-once') return;
    const errors = [{ field: 'wait', rule: 'delivery', message: NEEDS }];
    throw new TradeRefusedException('invalid_wait', { status: 409, detail: NEEDS, errors });
  }

  /** Runs `work` with the one deadline of a request, APPLIED_TIMEOUT_MS from now. */
  async withDeadline<T>(work: (deadline: Deadline) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline: Deadline = new Promise((resolve) => {
      timer = setTimeout(() => resolve(PASSED), this.config.APPLIED_TIMEOUT_MS);
    });
    try {
      return await work(deadline);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * As `TradesService.emit`, and gives what follows the event; undefined when it still waits for room or for the disk
   * at the deadline. The client has no way to take it back then: it is counted when it is taken, or refused, after all.
   */
  async emit(trade: TradeEvent, deadline: Deadline): Promise<Delivery | undefined> {
    const taking = this.take(trade);
    const first = await Promise.race([taking, deadline]);
    if (first !== PASSED) return first;
    taking.catch((error: unknown) => this.onRefusedLate(error));
    return undefined;
  }

  /** What has become of the events by the deadline, in their order. */
  outcomes(deliveries: readonly Delivery[], deadline: Deadline): Promise<AppliedOutcome[]> {
    const late = deadline.then((): AppliedOutcome => ({ kind: 'late' }));
    return Promise.all(
      deliveries.map(({ applied }) =>
        Promise.race([applied.then((): AppliedOutcome => ({ kind: 'applied' }), failureOf), late]),
      ),
    );
  }

  private async take(trade: TradeEvent): Promise<Delivery> {
    const delivery = await this.client.deliver(TRADE_PATTERN, trade);
    await delivery.stored;
    this.trades.onTaken(trade);
    return delivery;
  }

  /** Its poster has an answer already. */
  private onRefusedLate(error: unknown): void {
    const failure = emitFailureOf(error);
    this.refusals.count(failure?.reason ?? 'failed');
    this.log.warn(
      `an event was not taken after its poster was told that it waits: ${failure?.fault.message ?? String(error)}`,
    );
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
