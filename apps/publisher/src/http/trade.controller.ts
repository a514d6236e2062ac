import type { IncomingHttpHeaders } from 'node:http';
import { TRADE_SIDES, type TradeEvent, tradeText } from '@app/contracts';
import { Controller, Post, Req, Res, UnsupportedMediaTypeException } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiParam,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AwaitedTrades } from '../publishing/awaited-trades.js';
import { LinkService } from '../publishing/link.service.js';
import { TradesService } from '../publishing/trades.service.js';
import { awaitedStage, emitAndWait, EVENT_ID_HEADER, WAIT_DOC } from './awaited-answers.js';
import { NdjsonText } from './bulk-reader.js';
import { IDEMPOTENCY_KEY_DOC } from './idempotent-posts.js';
import { LINK_HEADER } from './refusal.filter.js';
import { emitOrRefuse, invalidInput } from './refusals.js';
import { PostTradeDto, TradeAnswerDto } from './trade.dto.js';
import { isForm, isTrade, readTrade } from './trade-input.js';

const NDJSON_REFUSED = 'this address takes one trade: post application/x-ndjson to /trades';

const JSON_TYPE = 'application/json; charset=utf-8';

const HTML = 'text/html';
const JSON_TYPES = new Set(['application/json', 'application/*']);

/** The quality value of a media range; 1 without one, 0 ("never") when it cannot be read. */
function qualityOf(parameters: string[]): number {
  const given = parameters.map((part) => part.trim()).find((part) => part.startsWith('q='));
  const quality = given === undefined ? 1 : Number(given.slice(2));
  return Number.isFinite(quality) ? quality : 0;
}

/**
 * True when `Accept` names HTML and does not prefer JSON, as a browser that submits a form. Programs name JSON, any type or
 * nothing.
 */
export function prefersHtml(accept: string | undefined): boolean {
  // Programs do not name HTML, so their header needs no parsing.
  if (accept === undefined || !accept.includes(HTML)) return false;
  let html = 0;
  let json = 0;
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';');
    const name = type.trim().toLowerCase();
    if (name === HTML) html = qualityOf(parameters);
    else if (JSON_TYPES.has(name)) json = Math.max(json, qualityOf(parameters));
  }
  return html > 0 && html >= json;
}

/** The side is read from the request: as a parameter of its own it would pass through pipes, which have nothing to check. */
type TradeRequest = FastifyRequest<{ Params: { side: string } }>;

/**
 * Where the page is, from `/trade/…`. Relative for browsers and behind proxies, because only they know the prefix before our
 * path. A program whose request shows no page or proxy gets `/`, which it need not resolve.
 */
function pageAddress(headers: IncomingHttpHeaders): string {
  const { origin, referer, via, forwarded } = headers;
  const signs = [origin, referer, via, forwarded, headers['x-forwarded-for'], headers['x-forwarded-host']];
  return signs.some((sign) => sign !== undefined) ? '../' : '/';
}

/** `POST /trade/:side`: one trade from a program or from a form. */
@ApiTags('trades')
@Controller('trade')
export class TradeController {
  constructor(
    private readonly trades: TradesService,
    private readonly awaited: AwaitedTrades,
    private readonly link: LinkService,
  ) {}

  @ApiOperation({
    summary: 'Post one trade',
    description: 'Without a body `qty` is 1. The publisher sets the time; other fields are ignored.',
  })
  @ApiParam({ name: 'side', enum: TRADE_SIDES, example: 'buy' })
  @ApiHeader(IDEMPOTENCY_KEY_DOC)
  @ApiConsumes('application/json', 'application/x-www-form-urlencoded', 'multipart/form-data')
  @ApiQuery(WAIT_DOC)
  @ApiBody({ type: PostTradeDto, required: false })
  @ApiResponse({
    status: 202,
    type: TradeAnswerDto,
    description:
      'Accepted; with `wait=applied` also counted, with `wait=stored` also stored by the broker. The body is the event exactly as it is sent.',
  })
  @ApiResponse({
    status: 303,
    description: 'Accepted, for clients that prefer HTML. Leads back to the page.',
  })
  @ApiResponse({
    status: '4XX',
    description: 'Refused: a problem document that names the field and the rule.',
  })
  @ApiResponse({ status: 409, description: '`wait=applied` while DELIVERY is at-most-once.' })
  @ApiResponse({
    status: 422,
    description: '`wait`: accepted, but it can never be applied or stored. Do not post it again.',
  })
  @ApiResponse({
    status: 503,
    description: 'The outbox is full, or the disk fails; see Retry-After.',
  })
  @ApiResponse({
    status: 504,
    description:
      '`wait`: accepted, but not applied or stored in time; it still arrives. Without `eventId` it still waits for ' +
      'room or for the disk, and may be accepted later. Do not post it again.',
  })
  @Post(':side')
  post(@Req() request: TradeRequest, @Res() reply: FastifyReply): Promise<void> | undefined {
    reply.header(LINK_HEADER, this.link.state);
    if (request.body instanceof NdjsonText) throw new UnsupportedMediaTypeException(NDJSON_REFUSED);
    const stage = awaitedStage(request.query, this.link.awaited);
    const trade = readTrade(request.params.side, request.body, isForm(request.headers['content-type']));
    if (!isTrade(trade)) throw invalidInput(trade.reason, trade.errors);
    const taking =
      stage === undefined
        ? emitOrRefuse(this.trades, trade)
        : this.awaited.withDeadline(async (deadline) => {
            reply.header(EVENT_ID_HEADER, await emitAndWait(this.awaited, trade, stage, deadline));
          });
    // Most trades are taken at once, and need no promise.
    if (taking === undefined) this.answer(trade, request, reply);
    else return taking.then(() => this.answer(trade, request, reply));
    return undefined;
  }

  private answer(trade: TradeEvent, { headers }: FastifyRequest, reply: FastifyReply): void {
    if (prefersHtml(headers.accept)) {
      reply.redirect(pageAddress(headers), 303);
      return;
    }
    const notice = this.link.notice();
    const text = notice === undefined ? tradeText(trade) : undefined;
    reply.code(202).header('content-type', JSON_TYPE);
    reply.send(text ?? JSON.stringify({ ...trade, ...notice }));
  }
}
