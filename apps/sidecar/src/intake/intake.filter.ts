import { Catch, Logger, type ArgumentsHost, type RpcExceptionFilter } from '@nestjs/common';
import { EMPTY, throwError, type Observable } from 'rxjs';
import { EventRefusedError } from '../rejections/event-refused.error.js';
import { RejectionsService } from '../rejections/rejections.service.js';
import type { Receipt } from './received-trade.js';

/** A fault that hits every event must not write a log line for every event. */
const LOG_INTERVAL_SECONDS = 1;

/**
 * Turns a refusal by the contract into a rejection, so that the transport sees an event that was dealt with. Any other
 * error goes on to the transport, which may try the event again, and reports it as `handler_failed` when it gives up.
 */
@Catch()
export class IntakeFilter implements RpcExceptionFilter<unknown> {
  private readonly logger = new Logger(IntakeFilter.name);
  private loggedAtSeconds = Number.NEGATIVE_INFINITY;

  constructor(private readonly rejections: RejectionsService) {}

  catch(error: unknown, host: ArgumentsHost): Observable<never> {
    const rpc = host.switchToRpc();
    const { receivedAtSeconds } = rpc.getContext<Receipt>();
    if (!(error instanceof EventRefusedError)) {
      this.report(error, receivedAtSeconds);
      return throwError(() => error);
    }
    const { reason, message: detail } = error;
    this.rejections.reject({ reason, detail, content: rpc.getData<unknown>(), receivedAtSeconds });
    return EMPTY;
  }

  private report(error: unknown, nowSeconds: number): void {
    if (nowSeconds - this.loggedAtSeconds < LOG_INTERVAL_SECONDS) return;
    this.loggedAtSeconds = nowSeconds;
    this.logger.error('a trade could not be applied', error instanceof Error ? error.stack : String(error));
  }
}
