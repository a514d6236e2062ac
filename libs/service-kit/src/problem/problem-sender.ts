import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, type ProblemDocument, ProblemException, type FieldFault } from './problem.js';

/** The part of the request that each of Fastify's own refusals concerns; they come before any handler. */
const FAULTS: Record<string, Omit<FieldFault, 'message'>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { field: 'content-type', rule: 'mediaType' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { field: 'content-length', rule: 'length' },
  FST_ERR_CTP_BODY_TOO_LARGE: { field: 'body', rule: 'maxBytes' },
  FST_ERR_CTP_INVALID_JSON_BODY: { field: 'body', rule: 'json' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { field: 'body', rule: 'json' },
  FST_ERR_BAD_URL: { field: 'url', rule: 'url' },
};

const FAULT_BY_STATUS: Record<number, Omit<FieldFault, 'message'>> = {
  400: { field: 'body', rule: 'wellFormed' },
  413: { field: 'body', rule: 'maxBytes' },
  415: { field: 'content-type', rule: 'mediaType' },
};

/**
 * The field and the rule of a refusal by the HTTP layer itself (`cause` is its error); undefined when it is not about the content
 * of the request, such as a 404.
 */
function requestFault(cause: unknown, status: number, message: string): FieldFault | undefined {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = FAULTS[code] ?? FAULT_BY_STATUS[status];
  return known && { ...known, message };
}

const UNEXPECTED = 'the service failed; its log says why';

/** Keeps a body that was made for this error, such as a health report; Nest's standard body adds nothing. */
function ownMembers(response: string | object): object {
  return typeof response === 'string' || 'statusCode' in response ? {} : response;
}

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
  const extensions = exception instanceof HttpException ? ownMembers(exception.getResponse()) : {};
  return {
    ...extensions,
    type: 'about:blank',
    title,
    status,
    detail,
    instance,
    ...(fault && { errors: [fault] }),
  };
}

/** Answers a request with the problem document of `exception`, unless an answer is already on its way. */
export function sendProblem(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (reply.sent || reply.raw.headersSent) {
    // The answer has begun: only a cut connection can still say that it is not complete.
    reply.raw.destroy();
    return;
  }
  // Without the query, which may hold a secret.
  const instance = (request.url ?? '').split('?', 1)[0] ?? '';
  const problem = describe(exception, instance);
  if (exception instanceof ProblemException) reply.headers(exception.headers);
  // As a string: for an object Fastify would look for a serializer of the route's content type.
  reply.code(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}
