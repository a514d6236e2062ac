import { hasLeftEarly, ProblemDetailsFilter } from '@app/service-kit';
import { Catch, HttpException, type ArgumentsHost } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LinkService } from '../publishing/link.service.js';
import { type RefusalReason, Refusals, TradeOutcomeException, TradeRefusedException } from './refusals.js';

/** Every answer to a post carries the link's state in this header, whatever its status. */
export const LINK_HEADER = 'trading-link';

const POST_PATH = /^\/(?:trades?|events)(\/|\?|$)/;
const METHOD = 'POST';

function reasonOf(exception: unknown, request: FastifyRequest): RefusalReason | undefined {
  if (exception instanceof TradeRefusedException) return exception.counted ? undefined : exception.reason;
  // The event was taken; the transport counts its later fate.
  if (exception instanceof TradeOutcomeException) return undefined;
  // A body that was cut off is malformed, and not a failure of the publisher.
  if (!(exception instanceof HttpException)) return hasLeftEarly(request) ? 'malformed' : 'failed';
  if (exception.getStatus() === 413) return 'oversize';
  return exception.getStatus() === 404 ? undefined : 'malformed';
}

/**
 * Answers errors as every service of ours does, and counts those of the post routes. That includes what the HTTP layer refuses
 * before a handler sees it: a body that is too large, is not JSON, or has an unsupported type.
 */
@Catch()
export class RefusalFilter extends ProblemDetailsFilter {
  constructor(
    private readonly refusals: Refusals,
    private readonly link: LinkService,
  ) {
    super();
  }

  override catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (request.method === METHOD && POST_PATH.test(request.url)) {
      const reason = reasonOf(exception, request);
      if (reason) this.refusals.count(reason);
      // The handler sets it too, but a refused request may never have reached it.
      const reply = http.getResponse<FastifyReply>();
      if (!reply.sent) reply.header(LINK_HEADER, this.link.state);
    }
    // oxlint-disable-next-line promise/valid-params -- an exception filter's catch, not a promise's
    super.catch(exception, host);
  }
}
