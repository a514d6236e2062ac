import { Catch, HttpException, type LoggerService, type RpcExceptionFilter } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import { ThrottledLog } from '../throttled-log.js';

/**
 * Why a message, or one event of it, was not handled.
 * - `malformed`: the codec or the deserializer could not read it
 * - `frame_count`: not exactly the frames that the socket pair sends
 * - `oversize`: a frame over `maxFrameBytes`
 * - `batch_size`: more events than `maxBatchEvents`
 * - `no_pattern`: the packet has no pattern
 * - `no_handler`: nobody handles its pattern
 * - `handler_failed`: its handler threw, or its stream ended in an error
 * - `closing`: received, but the drain ran out of time before a handler was free for it
 */
export const REJECTED_MESSAGE_REASONS = [
  'malformed',
  'frame_count',
  'oversize',
  'batch_size',
  'no_pattern',
  'no_handler',
  'handler_failed',
  'closing',
] as const;

export type RejectedMessageReason = (typeof REJECTED_MESSAGE_REASONS)[number];

/** A message, or one event of it, that the server did not get handled. */
export interface RejectedMessage {
  readonly reason: RejectedMessageReason;
  /** For people: what was wrong. */
  readonly detail: string;
  /** The decoded value where there is one, else the first frame's bytes. */
  readonly content: unknown;
  /** When its message was received: seconds since the Unix epoch. */
  readonly receivedAtSeconds: number;
  /** What the handler failed with, as Nest's filters left it; undefined for other reasons. */
  readonly cause?: unknown;
}

/** What the transport sees of a {@link RefusedEventException}, through Nest's own filter. */
export interface RefusedEvent {
  readonly status: 'error';
  readonly message: string;
  /** Marks a failure that another call would not change. */
  readonly isRefusedEvent: true;
}

/** An event that its handler, or a pipe, will never take: acknowledged events are not tried again for it. */
export class RefusedEventException extends RpcException {
  /** @param message for people; it is what `onRejected` and the producer are told */
  constructor(message: string) {
    super({ status: 'error', message, isRefusedEvent: true } satisfies RefusedEvent);
  }
}

/**
 * Turns what Nest's pipes throw at bad input (a `ValidationPipe`'s `BadRequestException`, any 4xx) into a refusal, so
 * that it is not tried again: `app.useGlobalFilters(new RefusedEventFilter())`. Without it Nest makes an unknown error of
 * it, which looks like one that may be over.
 */
@Catch(HttpException)
export class RefusedEventFilter implements RpcExceptionFilter<HttpException> {
  catch(exception: HttpException): Observable<never> {
    const message = describe(exception);
    const refused: RefusedEvent = { status: 'error', message, isRefusedEvent: true };
    return throwError(() => (exception.getStatus() < 500 ? refused : exception));
  }
}

/** A `ValidationPipe` puts what was wrong into its response. */
function describe(exception: HttpException): string {
  const response = exception.getResponse();
  const details = typeof response === 'object' && 'message' in response ? response.message : undefined;
  return Array.isArray(details) ? details.join('; ') : exception.message;
}

/** Counts rejections by reason and passes them on; where nobody listens it logs them, at most one a second for each reason. */
export class RejectionLog {
  private readonly counts = Object.fromEntries(
    REJECTED_MESSAGE_REASONS.map((reason) => [reason, 0]),
  ) as Record<RejectedMessageReason, number>;
  private readonly logs: Record<RejectedMessageReason, ThrottledLog>;
  private readonly observerLog: ThrottledLog;

  constructor(
    logger: LoggerService,
    private readonly onRejected: ((rejected: RejectedMessage) => void) | undefined,
  ) {
    this.logs = Object.fromEntries(
      REJECTED_MESSAGE_REASONS.map((reason) => [reason, new ThrottledLog(logger)]),
    ) as Record<RejectedMessageReason, ThrottledLog>;
    this.observerLog = new ThrottledLog(logger);
  }

  get rejected(): Readonly<Record<RejectedMessageReason, number>> {
    return { ...this.counts };
  }

  add(rejected: RejectedMessage): void {
    this.counts[rejected.reason] += 1;
    if (this.onRejected === undefined) {
      const { reason, detail } = rejected;
      this.logs[reason].warn(`rejected (${reason}, ${this.counts[reason]} so far): ${detail}`);
      return;
    }
    try {
      this.onRejected(rejected);
    } catch (error) {
      // The loop must outlive its observer.
      this.observerLog.error('onRejected threw', error);
    }
  }
}
