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
 * - `no_handler`: no handler has its pattern
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

/** A message, or one event of it, that the server rejected. */
export interface RejectedMessage {
  readonly reason: RejectedMessageReason;
  /** For people: what was wrong. */
  readonly detail: string;
  /** The decoded value if there is one, otherwise the first frame's bytes. */
  readonly content: unknown;
  /** When its message was received: seconds since the Unix epoch. */
  readonly receivedAtSeconds: number;
  /** What the handler failed with, as Nest's filters left it; undefined for other reasons. */
  readonly cause?: unknown;
}

/** What is left of a {@link RefusedEventException} behind Nest's own filter. */
export interface RefusedEvent {
  readonly status: 'error';
  readonly message: string;
  /** Marks a failure that another call would not change. */
  readonly isRefusedEvent: true;
}

/** Thrown by a handler or a pipe that will never take an event: an acknowledged event is then not tried again. */
export class RefusedEventException extends RpcException {
  /** @param message for people; `onRejected` and the producer get it */
  constructor(message: string) {
    super({ status: 'error', message, isRefusedEvent: true } satisfies RefusedEvent);
  }
}

/**
 * Turns what Nest's pipes throw at bad input (a `ValidationPipe`'s `BadRequestException`, any 4xx) into a refusal, so
 * that it is not tried again: `app.useGlobalFilters(new RefusedEventFilter())`. Without it Nest turns the exception into an
 * unknown error, which looks as if another call might help.
 */
@Catch(HttpException)
export class RefusedEventFilter implements RpcExceptionFilter<HttpException> {
  catch(exception: HttpException): Observable<never> {
    const message = describe(exception);
    const refused: RefusedEvent = { status: 'error', message, isRefusedEvent: true };
    return throwError(() => (exception.getStatus() < 500 ? refused : exception));
  }
}

/** A `ValidationPipe` puts the reasons into its response. */
function describe(exception: HttpException): string {
  const response = exception.getResponse();
  const details = typeof response === 'object' && 'message' in response ? response.message : undefined;
  return Array.isArray(details) ? details.join('; ') : exception.message;
}

/**
 * Counts rejections by reason and passes them to `onRejected`; without one it logs them, at most one a second for each reason.
 */
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
      // An error in the observer must not end the receive loop.
      this.observerLog.error('onRejected threw', error);
    }
  }
}
