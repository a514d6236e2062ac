import { Controller, Post, Req, Res } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiHeader,
  ApiOperation,
  ApiQuery,
  ApiResponse,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublisherConfig } from '../config/publisher.config.js';
import { LinkService } from '../publishing/link.service.js';
import { AppliedBulk, assertBulkApplied, assertBulkInTime } from './applied.bulk.js';
import { BulkAnswerDto } from './bulk-answer.dto.js';
import { BulkTradesService, type BulkResult } from './bulk.service.js';
import { readItems } from './bulk-reader.js';
import { IDEMPOTENCY_KEY_DOC, LINK_HEADER } from './answer-headers.js';
import { BulkTradeDto } from './trade.dto.js';
import { TradeRefusedException } from './trade-refused.exception.js';
import { waitsForApplied } from './wait.query.js';

const EXAMPLE = [{ side: 'buy', qty: 1.5 }, { side: 'sell' }];

/** The problem when not one item was emitted; the items themselves were counted already. */
function nothingAccepted({ accepted, refused, failure }: BulkResult): TradeRefusedException {
  const extensions = { accepted, refused };
  if (failure) {
    const headers = { 'retry-after': '1' };
    const options = { status: 503, detail: failure.fault.message, headers, extensions };
    return new TradeRefusedException(failure.reason, options, true);
  }
  const detail = 'no item was taken; `refused` says why';
  return new TradeRefusedException('malformed', { status: 400, detail, extensions }, true);
}

/** @throws TradeRefusedException when not one item was emitted */
function takenOf(result: BulkResult): Pick<BulkAnswerDto, 'accepted' | 'refused'> {
  if (result.accepted === 0) throw nothingAccepted(result);
  const { accepted, refused } = result;
  return { accepted, refused };
}

/** `POST /trades`: many trades at once; a bad one among them stops no other. */
@ApiTags('trades')
@Controller('trades')
export class BulkTradesController {
  constructor(
    private readonly bulk: BulkTradesService,
    private readonly appliedBulk: AppliedBulk,
    private readonly link: LinkService,
    private readonly config: PublisherConfig,
  ) {}

  @ApiOperation({
    summary: 'Post many trades',
    description:
      'A JSON array, or with content type `application/x-ndjson` one JSON object a line. Valid items are ' +
      'emitted in their order; the answer names every other one and why it was refused.',
  })
  @ApiHeader(IDEMPOTENCY_KEY_DOC)
  @ApiConsumes('application/json')
  @ApiQuery({
    name: 'wait',
    enum: ['applied'],
    required: false,
    description: 'Answer when all items are in the metrics. Needs DELIVERY=acknowledged or durable.',
  })
  @ApiBody({ type: [BulkTradeDto], examples: { mixed: { summary: 'A buy and a sell', value: EXAMPLE } } })
  @ApiResponse({ status: 202, type: BulkAnswerDto, description: 'One item or more was taken.' })
  @ApiResponse({ status: '4XX', description: 'Nothing was taken: a problem document, with `refused`.' })
  @ApiResponse({ status: 503, description: 'Nothing was taken: no room, or the disk did not take it.' })
  @ApiResponse({
    status: 504,
    description:
      '`wait=applied`: the items in `late` were taken, and will still arrive; those in `undecided` wait to be ' +
      'taken, and may be.',
  })
  @Post()
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.header(LINK_HEADER, this.link.state);
    const items = readItems(request.body, this.config.BULK_MAX_ITEMS);
    const answer = waitsForApplied(request.query)
      ? await this.emitAndWait(items)
      : takenOf(await this.bulk.emitAll(items));
    reply.code(202).send({ ...answer, ...this.link.notice() });
  }

  private async emitAndWait(items: unknown[]): Promise<BulkAnswerDto> {
    const { result, outcome } = await this.appliedBulk.emitAll(items);
    assertBulkInTime(result, outcome);
    const taken = takenOf(result);
    assertBulkApplied(result, outcome);
    return { ...taken, applied: outcome.applied, failed: outcome.failed };
  }
}
