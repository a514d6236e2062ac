import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, type ProblemDocument } from './problem.document.js';
import { ProblemException } from './problem.exception.js';
import { requestFault } from './request-fault.mapper.js';

const UNEXPECTED = 'Something failed on our side; the log of the service says what.';

function describe(exception: unknown, instance: string): ProblemDocument {
  if (exception instanceof ProblemException) {
    const { type, title, detail, errors, extensions } = exception;
    const status = exception.getStatus();
    return { ...extensions, type, title, status, detail, instance, ...(errors && { errors }) };
  }
  const status = exception instanceof HttpException ? exception.getStatus() : 500;
  const detail = exception instanceof HttpException ? exception.message : UNEXPECTED;
  const fault =
    exception instanceof HttpException ? requestFault(exception.cause, status, detail) : undefined;
  const title = STATUS_CODES[status] ?? 'Error';
  return { type: 'about:blank', title, status, detail, instance, ...(fault && { errors: [fault] }) };
}

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
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    if (!(exception instanceof HttpException)) this.logger.error(exception);
    if (reply.sent || reply.raw.headersSent) {
      // Too late for a document: cutting the connection is the only way left to say "this is not complete".
      reply.raw.destroy();
      return;
    }
    const instance = (request.url ?? '').split('?', 1)[0] ?? '';
    const problem = describe(exception, instance);
    if (exception instanceof ProblemException) reply.headers(exception.headers);
    // As a string: Fastify would otherwise look for a serializer of the route's own content type.
    reply.code(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
  }
}
