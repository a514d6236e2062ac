import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemException } from '../problem/problem.exception.js';
import { sendProblem } from '../problem/problem.sender.js';
import { isForeignWrite } from './cross-site.policy.js';
import { HostPolicy } from './host.policy.js';
import { securityHeaders } from './security.headers.js';

/** What the guard has to know about a service. */
export interface HttpGuardOptions {
  /** Names the service may be called by, beyond IP addresses and `localhost`: the configured HOST and others. */
  readonly allowedHosts: readonly string[];
}

/**
 * Scrapers and health probes call a service by whatever name their network gives it, and all they read is counts:
 * these two paths answer to any name.
 */
const ANY_HOST_PATH = /^\/(metrics|health)\/?(\?|$)/;

function refusalOf(request: FastifyRequest, policy: HostPolicy): ProblemException | undefined {
  const { host, origin, 'sec-fetch-site': fetchSite } = request.headers;
  if (!ANY_HOST_PATH.test(request.url) && !policy.allows(host)) {
    const message = 'this name is not one of ours; the setting ALLOWED_HOSTS can add it';
    const errors = [{ field: 'host', rule: 'allowed', message }];
    return new ProblemException({ status: 403, detail: message, errors });
  }
  const site = typeof fetchSite === 'string' ? fetchSite : undefined;
  if (isForeignWrite({ method: request.method, host, origin, fetchSite: site })) {
    const message = 'a page of another site may not send this';
    return new ProblemException({
      status: 403,
      detail: message,
      errors: [{ field: 'origin', rule: 'sameOrigin', message }],
    });
  }
  return undefined;
}

/**
 * Puts the security headers on every answer, and refuses with 403 what a page of another site sends: by a name that
 * is not ours (DNS rebinding), or as a write from elsewhere. Call it before the app listens.
 */
export function guardHttp(app: NestFastifyApplication, { allowedHosts }: HttpGuardOptions): void {
  const policy = new HostPolicy(allowedHosts);
  const guard = (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
    // On the raw response, so that streams, which bypass Fastify's reply, have them too.
    for (const [name, value] of securityHeaders(request.url)) reply.raw.setHeader(name, value);
    const refusal = refusalOf(request, policy);
    if (refusal) sendProblem(refusal, request, reply);
    else next();
  };
  app.getHttpAdapter().getInstance().addHook('onRequest', guard);
}
