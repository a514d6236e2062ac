import { hasLeftEarly, ProblemDetailsFilter } from '@app/service-kit';
import { Catch, HttpException, type ArgumentsHost } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LinkService } from '../publishing/link.service.js';
import { LINK_HEADER } from './answer-headers.js';
import type { RefusalReason } from './refusal.reason.js';
import { TradeOutcomeException } from './trade-outcome.exception.js';
import { TradeRefusedException } from './trade-refused.exception.js';
import { TradeRefusals } from './refusals.js';

const TRADE_PATH = /^\/trades?(\/|\?|$)/;
const METHOD = 'POST';

function reasonOf(exception: unknown, request: FastifyRequest): RefusalReason | undefined {
  if (exception instanceof TradeRefusedException) return exception.counted ? undefined : exception.reason;
  // It was taken: what became of it later is counted by the transport.
  if (exception instanceof TradeOutcomeException) return undefined;
  // A body that never came to its end is none that could be read; it is no failure of ours.
  if (!(exception instanceof HttpException)) return hasLeftEarly(request) ? 'malformed' : 'failed';
  if (exception.getStatus() === 413) return 'oversize';
  return exception.getStatus() === 404 ? undefined : 'malformed';
}

/**
 * Answers errors as every service of ours does, and counts those of the trade routes, also when the HTTP
 * layer refused the request before any handler saw it (too large, not JSON, a type nobody parses).
 */
@Catch()
export class TradeRefusalFilter extends ProblemDetailsFilter {
  constructor(
    private readonly refusals: TradeRefusals,
    private readonly link: LinkService,
  ) {
    super();
  }

  override catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    if (request.method === METHOD && TRADE_PATH.test(request.url)) {
      const reason = reasonOf(exception, request);
      if (reason) this.refusals.count(reason);
      // The handler says it too, unless the request never got that far.
      const reply = http.getResponse<FastifyReply>();
      if (!reply.sent) reply.header(LINK_HEADER, this.link.state);
    }
    // oxlint-disable-next-line promise/valid-params -- an exception filter's catch, not a promise's
    super.catch(exception, host);
  }
}
