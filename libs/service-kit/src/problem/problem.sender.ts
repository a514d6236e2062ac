import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, type ProblemDocument, ProblemException, type FieldFault } from './problem.js';

/** What Fastify's own refusals (they come before any handler) say about which part of the request. */
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
 * Names the field and the rule of a refusal that the HTTP layer itself made (`cause` is its error).
 * Undefined when the refusal is about no part of the request's content, such as a 404.
 */
function requestFault(cause: unknown, status: number, message: string): FieldFault | undefined {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const known = FAULTS[code] ?? FAULT_BY_STATUS[status];
  return known && { ...known, message };
}

const UNEXPECTED = 'Something failed on our side; the log of the service says what.';

/** A body that its thrower designed (a health report) is kept; Nest's standard one has nothing to add. */
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
    // Too late for a document: cutting the connection is the only way left to say "this is not complete".
    reply.raw.destroy();
    return;
  }
  // Without the query: it may hold what must not be repeated in answers and logs.
  const instance = (request.url ?? '').split('?', 1)[0] ?? '';
  const problem = describe(exception, instance);
  if (exception instanceof ProblemException) reply.headers(exception.headers);
  // As a string: Fastify would otherwise look for a serializer of the route's own content type.
  reply.code(problem.status).header('content-type', PROBLEM_MEDIA_TYPE).send(JSON.stringify(problem));
}
