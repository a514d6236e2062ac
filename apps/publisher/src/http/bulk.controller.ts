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
import type { AwaitedStage } from '../publishing/trades-link.js';
import { assertBulkInTime, assertBulkReached, awaitedStage, WAIT_DOC } from './awaited-answers.js';
import { readItems } from './bulk-reader.js';
import { BulkService, type BulkResult, type ReadItem } from './bulk.service.js';
import { IDEMPOTENCY_KEY_DOC } from './idempotent-posts.js';
import { LINK_HEADER } from './refusal.filter.js';
import { TradeRefusedException } from './refusals.js';
import { BulkAnswerDto, BulkTradeDto } from './trade.dto.js';

const EXAMPLE = [{ side: 'buy', qty: 1.5 }, { side: 'sell' }];

/** The problem document when no item was emitted; the items were counted already. */
function nothingAccepted({ accepted, refused, failure }: BulkResult): TradeRefusedException {
  const extensions = { accepted, refused };
  if (failure) {
    const headers = { 'retry-after': '1' };
    const options = { status: 503, detail: failure.fault.message, headers, extensions };
    return new TradeRefusedException(failure.reason, options, true);
  }
  const detail = 'no item was accepted; `refused` says why';
  return new TradeRefusedException('malformed', { status: 400, detail, extensions }, true);
}

/** @throws TradeRefusedException when no item was emitted */
function takenOf(result: BulkResult): Pick<BulkAnswerDto, 'accepted' | 'refused'> {
  if (result.accepted === 0) throw nothingAccepted(result);
  const { accepted, refused } = result;
  return { accepted, refused };
}

/**
 * Emits the items, waits where a stage is asked for, and answers.
 *
 * @param read as of `BulkService.emitAll`
 * @throws TradeRefusedException when no item was emitted; TradeOutcomeException
 */
export async function postAll(
  bulk: BulkService,
  items: unknown[],
  stage: AwaitedStage | undefined,
  read?: ReadItem,
): Promise<BulkAnswerDto> {
  if (stage === undefined) return takenOf(await bulk.emitAll(items, read));
  const { result, outcome } = await bulk.emitAndWait(items, read);
  assertBulkInTime(result, outcome, stage);
  const taken = takenOf(result);
  assertBulkReached(result, outcome, stage);
  return { ...taken, [stage]: outcome.reached, failed: outcome.failed };
}

/** `POST /trades`: many trades at once; an invalid one does not stop the others. */
@ApiTags('trades')
@Controller('trades')
export class BulkController {
  constructor(
    private readonly bulk: BulkService,
    private readonly link: LinkService,
    private readonly config: PublisherConfig,
  ) {}

  @ApiOperation({
    summary: 'Post many trades',
    description:
      'A JSON array, or one JSON object a line with content type `application/x-ndjson`. Valid items are emitted in ' +
      'their order; the answer lists the refused items, each with its reason.',
  })
  @ApiHeader(IDEMPOTENCY_KEY_DOC)
  @ApiConsumes('application/json')
  @ApiQuery(WAIT_DOC)
  @ApiBody({ type: [BulkTradeDto], examples: { mixed: { summary: 'A buy and a sell', value: EXAMPLE } } })
  @ApiResponse({ status: 202, type: BulkAnswerDto, description: 'At least one item was accepted.' })
  @ApiResponse({ status: '4XX', description: 'No item was accepted: a problem document, with `refused`.' })
  @ApiResponse({ status: 503, description: 'No item was accepted: the outbox is full, or the disk fails.' })
  @ApiResponse({
    status: 504,
    description:
      '`wait`: the items in `late` are accepted and still arrive; the items in `undecided` still wait, and ' +
      'may be accepted later.',
  })
  @Post()
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.header(LINK_HEADER, this.link.state);
    const items = readItems(request.body, this.config.BULK_MAX_ITEMS);
    const answer = await postAll(this.bulk, items, awaitedStage(request.query, this.link.awaited));
    reply.code(202).send({ ...answer, ...this.link.notice() });
  }
}
