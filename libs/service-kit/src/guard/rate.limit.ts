import rateLimit from '@fastify/rate-limit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemException } from '../problem/problem.exception.js';

const WINDOW_MS = 1000;
/** Most addresses that are remembered. */
const MAX_ADDRESSES = 10_000;
/** What watches us must see us best when there is too much of everything. */
const NEVER_LIMITED = new Set(['/metrics', '/health']);

/** How much one client may ask. */
export interface RateLimitOptions {
  /** Requests of one address in one second; 0 sets no limit. */
  readonly perSecond: number;
}

/**
 * Answers 429 with `Retry-After` to an address that asks too often. Scrapes and health probes are never limited. The
 * address is that of the connection: behind a proxy it is the proxy's. Call it before the app listens.
 */
export async function limitRate(app: NestFastifyApplication, { perSecond }: RateLimitOptions): Promise<void> {
  if (perSecond === 0) return;
  await app.register(rateLimit, {
    max: perSecond,
    timeWindow: WINDOW_MS,
    cache: MAX_ADDRESSES,
    allowList: (request) => NEVER_LIMITED.has(request.routeOptions.url ?? ''),
    // Every answer would carry three headers that say nothing new; a refusal says all that is needed.
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
    addHeaders: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
      'retry-after': false,
    },
    errorResponseBuilder: (_request, { ttl }) => tooOften(perSecond, ttl),
  });
}

function tooOften(perSecond: number, waitMs: number): ProblemException {
  const message = `one address may ask ${perSecond} times a second`;
  return new ProblemException({
    status: 429,
    detail: message,
    errors: [{ field: 'request', rule: 'rate', message }],
    headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) },
  });
}
