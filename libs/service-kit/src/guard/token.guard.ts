import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemException } from '../problem/problem.exception.js';
import { sendProblem } from '../problem/problem.sender.js';
import { BearerToken } from './bearer.token.js';
import { FailedAttempts } from './failed-attempts.js';

/** Wrong tokens from one address in one minute. Requests without any token are no guesses, and not counted. */
const MAX_WRONG = 30;
const WINDOW_MS = 60_000;

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Which requests have to carry the token. */
export interface TokenGuardOptions {
  /** Undefined: none is asked for. */
  readonly token: string | undefined;
  /** Routes, as they are declared, whose reading asks for the token too, with all below them. Writes always do. */
  readonly readingOf?: readonly string[];
}

/**
 * Refuses writes, and the reading of some routes, without `Authorization: Bearer <token>`: 401. An address that sends
 * many wrong tokens is answered 429 for a while, without a look at the token. Call it before the app listens.
 */
export function requireToken(
  app: NestFastifyApplication,
  { token, readingOf = [] }: TokenGuardOptions,
): void {
  if (token === undefined) return;
  const expected = new BearerToken(token);
  const failures = new FailedAttempts(MAX_WRONG, WINDOW_MS);
  const guard = (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
    const refusal = isGuarded(request, readingOf) ? refusalOf(request, expected, failures) : undefined;
    if (refusal) sendProblem(refusal, request, reply);
    else next();
  };
  app.getHttpAdapter().getInstance().addHook('onRequest', guard);
}

/** By the route that the router found, and not by the text of the address, which has many spellings. */
function isGuarded({ method, routeOptions }: FastifyRequest, readingOf: readonly string[]): boolean {
  const route = routeOptions.url ?? '';
  return !READING.has(method) || readingOf.some((path) => route === path || route.startsWith(`${path}/`));
}

function refusalOf(
  { ip, headers }: FastifyRequest,
  expected: BearerToken,
  failures: FailedAttempts,
): ProblemException | undefined {
  const waitMs = headers.authorization === undefined ? 0 : failures.waitMs(ip);
  if (waitMs > 0) return tooMany(waitMs);
  const verdict = expected.judge(headers.authorization);
  if (verdict === 'right') return undefined;
  if (verdict === 'wrong') failures.add(ip);
  return unauthorized(verdict);
}

function tooMany(waitMs: number): ProblemException {
  const message = 'too many wrong tokens came from this address';
  return new ProblemException({
    status: 429,
    detail: message,
    errors: [{ field: 'authorization', rule: 'attempts', message }],
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
  });
}

function unauthorized(verdict: 'wrong' | 'missing'): ProblemException {
  const message = verdict === 'missing' ? 'this needs a bearer token' : 'this is not the token';
  const error = verdict === 'missing' ? '' : ', error="invalid_token"';
  return new ProblemException({
    status: 401,
    detail: message,
    errors: [{ field: 'authorization', rule: verdict === 'missing' ? 'required' : 'token', message }],
    headers: { 'www-authenticate': `Bearer realm="trading-telemetry"${error}` },
  });
}
