import { Catch, Logger, type ArgumentsHost, type RpcExceptionFilter } from '@nestjs/common';
import { throwError, type Observable } from 'rxjs';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import type { Receipt } from './received-trade.js';
import { refusedTrade } from './refused.event.js';

/** A fault that hits every event must not write a log line for every event. */
const LOG_INTERVAL_SECONDS = 1;

/**
 * Ends a refusal by the contract with what the transport neither tries again nor forgets: it reports it, once, and the
 * report is where it is counted. Any other error the transport may try again, and reports when it gives up.
 */
@Catch()
export class IntakeFilter implements RpcExceptionFilter<unknown> {
  private readonly logger = new Logger(IntakeFilter.name);
  private loggedAtSeconds = Number.NEGATIVE_INFINITY;

  catch(error: unknown, host: ArgumentsHost): Observable<never> {
    if (error instanceof EventRefusedError) return throwError(() => refusedTrade(error));
    this.report(error, host.switchToRpc().getContext<Receipt>().receivedAtSeconds);
    return throwError(() => error);
  }

  private report(error: unknown, nowSeconds: number): void {
    if (nowSeconds - this.loggedAtSeconds < LOG_INTERVAL_SECONDS) return;
    this.loggedAtSeconds = nowSeconds;
    this.logger.error('a trade could not be applied', error instanceof Error ? error.stack : String(error));
  }
}
