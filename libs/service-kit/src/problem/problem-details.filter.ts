import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.sender.js';

/**
 * Answers every HTTP error, thrown or made by the framework, with an RFC 9457 problem document.
 * What was not meant for clients (anything but an `HttpException`) is logged with its stack and
 * answered without its message.
 */
@Catch()
export class ProblemDetailsFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemDetailsFilter.name);

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    if (!(exception instanceof HttpException)) this.logger.error(exception);
    sendProblem(exception, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }
}
