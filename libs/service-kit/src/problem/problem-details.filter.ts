import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ThrottledLog } from '../service/throttled-log.js';
import { sendProblem } from './problem-sender.js';

/** True when the client has left before its request was complete: nobody waits for an answer, and nothing has failed on our side. */
export function hasLeftEarly({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete;
}

/**
 * Answers every HTTP error, thrown or made by the framework, with an RFC 9457 problem document. Any error but an `HttpException`
 * is logged with its stack, at most once a second, and answered without its message. A client that leaves in the middle of its
 * request is not logged.
 */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly log = new ThrottledLog(new Logger(ProblemDetailsFilter.name));

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (!(exception instanceof HttpException) && !hasLeftEarly(request)) {
      this.log.error('a request failed', exception);
    }
    sendProblem(exception, request, http.getResponse<FastifyReply>());
  }
}
