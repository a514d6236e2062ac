import { ThrottledLog } from '@app/service-kit';
import { EventFailedError, ZmqTransportError } from '@app/zmq-transport';
import { Injectable, Logger } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { type EmitFailure, emitFailureOf } from './emit-failure.js';
import type { PublishedEvent, TradeDelivery } from './trades-link.js';
import { TradesService } from './trades.service.js';

/** The outcome of an event at the deadline. */
export type AwaitedOutcome =
  | { readonly kind: 'reached' }
  /** It waits, and will still arrive. */
  | { readonly kind: 'late' }
  /** The other end did not take it, or the publisher dropped it: it will not get there. */
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string };

const PASSED = Symbol('the deadline has passed');

/** Resolves when the time of a request is over. */
export type Deadline = Promise<typeof PASSED>;

/** `wait`: emits trades, and waits until they have reached the awaited stage or the deadline has passed. */
@Injectable()
export class AwaitedTrades {
  private readonly log = new ThrottledLog(new Logger(AwaitedTrades.name));
  private count: (failure: EmitFailure | undefined) => void = () => undefined;

  constructor(
    private readonly trades: TradesService,
    private readonly config: PublisherConfig,
  ) {}

  /** From now on calls `listener` for each event that is refused after its post was answered; undefined: for no known reason. */
  onRefusedLate(listener: (failure: EmitFailure | undefined) => void): void {
    this.count = listener;
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
   * Emits an event and returns its delivery; undefined when it still waits for room or for the disk at the deadline. It
   * cannot be called back then, and is counted later, when it is taken or refused.
   */
  async emit(event: PublishedEvent, deadline: Deadline): Promise<TradeDelivery | undefined> {
    const taking = this.trades.deliver(event);
    const first = await Promise.race([taking, deadline]);
    if (first !== PASSED) return first;
    taking.catch((error: unknown) => this.refusedLate(error));
    return undefined;
  }

  /** The outcomes of the events at the deadline, in their order. */
  outcomes(deliveries: readonly TradeDelivery[], deadline: Deadline): Promise<AwaitedOutcome[]> {
    const late = deadline.then((): AwaitedOutcome => ({ kind: 'late' }));
    return Promise.all(
      deliveries.map(({ reached }) =>
        Promise.race([reached.then((): AwaitedOutcome => ({ kind: 'reached' }), failureOf), late]),
      ),
    );
  }

  private refusedLate(error: unknown): void {
    const failure = emitFailureOf(error);
    this.count(failure);
    this.log.warn(
      `an event was refused after its post was answered with 504: ${failure?.fault.message ?? String(error)}`,
    );
  }
}

/** @throws any error that does not come from the transport */
function failureOf(error: unknown): AwaitedOutcome {
  if (error instanceof EventFailedError) {
    return { kind: 'failed', reason: error.reason, detail: error.message };
  }
  if (error instanceof ZmqTransportError) {
    return { kind: 'failed', reason: 'given_up', detail: error.message };
  }
  throw error;
}
