import { Catch, Logger, type RpcExceptionFilter } from '@nestjs/common';
import { ThrottledLog } from '@app/service-kit';
import { throwError, type Observable } from 'rxjs';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import { refusedTrade } from './refused.event.js';

/**
 * Ends a refusal by the contract with what the transport neither tries again nor forgets: it reports it, once, and the
 * report is where it is counted. Any other error the transport may try again, and reports when it gives up.
 */
@Catch()
export class IntakeFilter implements RpcExceptionFilter<unknown> {
  /** A fault that hits every event must not write a log line for every event. */
  private readonly log = new ThrottledLog(new Logger(IntakeFilter.name));

  catch(error: unknown): Observable<never> {
    if (error instanceof EventRefusedError) return throwError(() => refusedTrade(error));
    this.log.error('a trade could not be applied', error);
    return throwError(() => error);
  }
}
