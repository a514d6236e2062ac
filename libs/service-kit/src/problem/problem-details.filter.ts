import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hasLeftEarly } from './client.abort.js';
import { sendProblem } from './problem.sender.js';

/**
 * Answers every HTTP error, thrown or made by the framework, with an RFC 9457 problem document.
 * What was not meant for clients (anything but an `HttpException`) is logged with its stack and
 * answered without its message. A client that leaves in the middle of its request is no error of ours.
 */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemDetailsFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (!(exception instanceof HttpException) && !hasLeftEarly(request)) this.logger.error(exception);
    sendProblem(exception, request, http.getResponse<FastifyReply>());
  }
}
