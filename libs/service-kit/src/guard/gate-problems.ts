import { ProblemException } from '../problem/problem.js';

/** 429: one address exceeds its share; `rule` names the share. */
export function tooMany(rule: string, message: string): ProblemException {
  return new ProblemException({
    status: 429,
    detail: message,
    errors: [{ field: 'request', rule, message }],
    headers: { 'retry-after': '1' },
  });
}

/** 503: all addresses together have the most answers under way that they may. */
export function noRoom(): ProblemException {
  const detail = 'Too many answers are under way; try again later.';
  return new ProblemException({ status: 503, detail, headers: { 'retry-after': '1' } });
}

/** 400: a stream behind an unanswered request cannot begin, and would hold the connection for ever. */
export function streamInQueue(): ProblemException {
  const message =
    'this connection still waits for another answer; open the stream on a connection of its own';
  return new ProblemException({
    status: 400,
    detail: message,
    errors: [{ field: 'request', rule: 'pipelined', message }],
  });
}

/** 403: the host is not ours (DNS rebinding). */
export function foreignHost(): ProblemException {
  const message = 'the service does not answer to this host name; the setting ALLOWED_HOSTS can add it';
  return new ProblemException({
    status: 403,
    detail: message,
    errors: [{ field: 'host', rule: 'allowed', message }],
  });
}

/** 403: a page of another site asks for a change. */
export function foreignSite(): ProblemException {
  const message = 'a page of another site may not send this';
  return new ProblemException({
    status: 403,
    detail: message,
    errors: [{ field: 'origin', rule: 'sameOrigin', message }],
  });
}

/** 429 to a wrong token. The connection is closed, so that the next guess costs a new one. */
export function tooManyWrong(waitMs: number): ProblemException {
  const message = 'too many wrong tokens came from this address';
  return new ProblemException({
    status: 429,
    detail: message,
    errors: [{ field: 'authorization', rule: 'attempts', message }],
    headers: { 'retry-after': String(Math.ceil(waitMs / 1000)), connection: 'close' },
  });
}

/** 401, with the header that RFC 6750 asks for. */
export function unauthorized(verdict: 'wrong' | 'missing'): ProblemException {
  const message = verdict === 'missing' ? 'this needs a bearer token' : 'the bearer token is wrong';
  const error = verdict === 'missing' ? '' : ', error="invalid_token"';
  return new ProblemException({
    status: 401,
    detail: message,
    errors: [{ field: 'authorization', rule: verdict === 'missing' ? 'required' : 'token', message }],
    headers: { 'www-authenticate': `Bearer realm="trading-telemetry"${error}` },
  });
}
