import { Catch, HttpException, type RpcExceptionFilter } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';

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
