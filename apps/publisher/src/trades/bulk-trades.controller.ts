import { Controller, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublisherConfig } from '../config/publisher.config.js';
import { LinkService } from '../link/link.service.js';
import { BulkAnswerDto } from './bulk-answer.dto.js';
import { BulkTradesService, type BulkResult } from './bulk-trades.service.js';
import { readItems } from './bulk.reader.js';
import { OUTBOX_FULL_FAULT, toHttpError } from './emit-failure.js';
import { LINK_HEADER } from './link.header.js';
import { BulkTradeDto } from './trade.dto.js';
import { TradeRefusedException } from './trade-refused.exception.js';

const EXAMPLE = [{ side: 'buy', qty: 1.5 }, { side: 'sell' }];

/** The problem when not one item was emitted; the items themselves were counted already. */
function nothingAccepted({ accepted, refused, outboxFull }: BulkResult): TradeRefusedException {
  const extensions = { accepted, refused };
  if (outboxFull) {
    const headers = { 'retry-after': '1' };
    const options = { status: 503, detail: OUTBOX_FULL_FAULT.message, headers, extensions };
    return new TradeRefusedException('outbox_full', options, true);
  }
  const detail = 'no item was taken; `refused` says why';
  return new TradeRefusedException('malformed', { status: 400, detail, extensions }, true);
}

/** `POST /trades`: many trades at once; a bad one among them stops no other. */
@ApiTags('trades')
@Controller('trades')
export class BulkTradesController {
  constructor(
    private readonly bulk: BulkTradesService,
    private readonly link: LinkService,
    private readonly config: PublisherConfig,
  ) {}

  @ApiOperation({
    summary: 'Post many trades',
    description:
      'A JSON array, or with content type `application/x-ndjson` one JSON object a line. Valid items are ' +
      'emitted in their order; the answer names every other one and why it was refused.',
  })
  @ApiConsumes('application/json')
  @ApiBody({ type: [BulkTradeDto], examples: { mixed: { summary: 'A buy and a sell', value: EXAMPLE } } })
  @ApiResponse({ status: 202, type: BulkAnswerDto, description: 'One item or more was taken.' })
  @ApiResponse({ status: '4XX', description: 'Nothing was taken: a problem document, with `refused`.' })
  @ApiResponse({ status: 503, description: 'Nothing was taken: the queue of waiting events is full.' })
  @Post()
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.header(LINK_HEADER, this.link.state);
    const items = readItems(request.body, this.config.BULK_MAX_ITEMS);
    const result = await this.bulk.emitAll(items).catch((error: unknown) => {
      throw toHttpError(error);
    });
    if (result.accepted === 0) throw nothingAccepted(result);
    const { accepted, refused } = result;
    reply.code(202).send({ accepted, refused, ...this.link.notice() });
  }
}
