import { TRADE_SIDES } from '@app/contracts';
import { Controller, Param, Post, Req, Res, UnsupportedMediaTypeException } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LinkService } from '../link/link.service.js';
import { NdjsonText } from './bulk.reader.js';
import { toHttpError } from './emit-failure.js';
import { prefersHtml } from './html.preference.js';
import { LINK_HEADER } from './link.header.js';
import { PostTradeDto, TradeAnswerDto } from './trade.dto.js';
import { isForm, isTrade, readTrade } from './trade.input.js';
import { invalidInput } from './trade-refused.exception.js';
import { TradesService } from './trades.service.js';

const NDJSON_REFUSED = 'one trade is not a list: post application/x-ndjson to /trades';

/** `POST /trade/:side`: one trade from a program or from a form. */
@ApiTags('trades')
@Controller('trade')
export class TradeController {
  constructor(
    private readonly trades: TradesService,
    private readonly link: LinkService,
  ) {}

  @ApiOperation({
    summary: 'Post one trade',
    description: 'Without a body `qty` is 1. The time is stamped here; other fields are ignored.',
  })
  @ApiParam({ name: 'side', enum: TRADE_SIDES, example: 'buy' })
  @ApiConsumes('application/json', 'application/x-www-form-urlencoded', 'multipart/form-data')
  @ApiBody({ type: PostTradeDto, required: false })
  @ApiResponse({ status: 202, type: TradeAnswerDto, description: 'Taken; the event exactly as it is sent.' })
  @ApiResponse({ status: 303, description: 'Taken; back to the page, for clients that prefer HTML.' })
  @ApiResponse({ status: '4XX', description: 'Refused: a problem document that names field and rule.' })
  @ApiResponse({ status: 503, description: 'The queue of waiting events is full; see Retry-After.' })
  @Post(':side')
  async post(
    @Param('side') side: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    reply.header(LINK_HEADER, this.link.state);
    if (request.body instanceof NdjsonText) throw new UnsupportedMediaTypeException(NDJSON_REFUSED);
    const trade = readTrade(side, request.body, isForm(request.headers['content-type']));
    if (!isTrade(trade)) throw invalidInput(trade.reason, trade.errors);
    await this.trades.emit(trade).catch((error: unknown) => {
      throw toHttpError(error);
    });
    if (prefersHtml(request.headers.accept)) {
      reply.redirect('/', 303);
      return;
    }
    const notice = this.link.notice();
    reply.code(202).send(notice ? { ...trade, ...notice } : trade);
  }
}
