import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemException } from '../problem/problem.js';

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;
/** ASCII is UTF-8 too. */
const READABLE_CHARSET = /^(utf-?8|us-ascii)$/i;
const BODILESS_METHODS = new Set(['GET', 'HEAD']);

function refuse(
  status: number,
  field: string,
  rule: string,
  message: string,
  headers?: Record<string, string>,
): ProblemException {
  const errors = [{ field, rule, message }];
  return new ProblemException({ status, detail: message, errors, ...(headers && { headers }) });
}

/** In a list of names and values in turn. */
function isGivenTwice(name: string, rawHeaders: readonly string[]): boolean {
  let times = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const given = rawHeaders[at];
    if (given?.length === name.length && given.toLowerCase() === name) times += 1;
  }
  return times > 1;
}

/** Node keeps the first of several `Host` headers; a proxy before us may have used another one. */
function hostFault({ headers, rawHeaders, httpVersion }: IncomingMessage): ProblemException | undefined {
  if (headers.host === undefined && httpVersion === '1.1') {
    return refuse(400, 'host', 'required', 'the request names no host');
  }
  return isGivenTwice('host', rawHeaders)
    ? refuse(400, 'host', 'single', 'the request names more than one host')
    : undefined;
}

/** A body that we would read wrongly. */
function encodingFault({ headers }: FastifyRequest): ProblemException | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    const message = 'a compressed body is not accepted';
    return refuse(415, 'content-encoding', 'encoding', message, { 'accept-encoding': 'identity' });
  }
  const type = headers['content-type'];
  // Nearly all types have no parameters, and need no pattern.
  if (type === undefined || !type.includes(';')) return undefined;
  const charset = CHARSET.exec(type)?.[1];
  if (charset === undefined || READABLE_CHARSET.test(charset)) return undefined;
  return refuse(415, 'content-type', 'charset', 'the body must be UTF-8');
}

/**
 * Refuses requests that could be read in two ways: 400 for a missing or second `Host`, 415 for a body in another
 * encoding. It runs before the body is read, and after the hooks that put headers on every answer.
 */
export function refuseAmbiguous(instance: FastifyInstance): void {
  instance.addHook('preParsing', (request, _reply, payload, done) => {
    const hasBody = !request.is404 && !BODILESS_METHODS.has(request.method);
    done(hostFault(request.raw) ?? (hasBody ? encodingFault(request) : undefined) ?? null, payload);
  });
}
