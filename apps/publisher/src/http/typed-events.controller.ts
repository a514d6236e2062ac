import type { EventDefinition } from '@app/event-metrics';
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
import { EventTypes } from '../config/event-types.js';
import { PublisherConfig } from '../config/publisher.config.js';
import { AwaitedTrades } from '../publishing/awaited-trades.js';
import { LinkService } from '../publishing/link.service.js';
import type { ConfiguredEvent } from '../publishing/trades-link.js';
import { TradesService } from '../publishing/trades.service.js';
import { awaitedStage, emitAndWait, EVENT_ID_HEADER, WAIT_DOC } from './awaited-answers.js';
import { NdjsonText, readItems } from './bulk-reader.js';
import { postAll } from './bulk.controller.js';
import { BulkService, type ItemFaults } from './bulk.service.js';
import { IDEMPOTENCY_KEY_DOC } from './idempotent-posts.js';
import { LINK_HEADER } from './refusal.filter.js';
import { emitOrRefuse, invalidInput, TradeRefusedException } from './refusals.js';
import { isForm } from './trade-input.js';

type EventRequest = FastifyRequest<{ Params: { type: string } }>;

/** `POST /events/:type`: events of the types of EVENT_TYPES, one or many. */
@ApiTags('events')
@Controller('events')
export class TypedEventsController {
  constructor(
    private readonly types: EventTypes,
    private readonly trades: TradesService,
    private readonly bulk: BulkService,
    private readonly awaited: AwaitedTrades,
    private readonly link: LinkService,
    private readonly config: PublisherConfig,
  ) {
    describeTypes(types.definitions);
  }

  @ApiOperation({
    summary: 'Post one event of a configured type, or many',
    description:
      'A JSON object is one event; a JSON array, or one JSON object a line as `application/x-ndjson`, is many. Each is checked ' +
      'against the schema of its type, and sent as it is, with its `type`.',
  })
  @ApiHeader(IDEMPOTENCY_KEY_DOC)
  @ApiConsumes('application/json')
  @ApiQuery(WAIT_DOC)
  @ApiResponse({ status: 202, description: 'One event: as it is sent. Many: as for `POST /trades`.' })
  @ApiResponse({
    status: '4XX',
    description: 'Refused: a problem document that names the field and the rule.',
  })
  @ApiResponse({ status: 404, description: 'EVENT_TYPES has no such type.' })
  @ApiResponse({ status: 503, description: 'The outbox is full, or the disk fails; see Retry-After.' })
  @Post(':type')
  async post(@Req() request: EventRequest, @Res() reply: FastifyReply): Promise<void> {
    reply.header(LINK_HEADER, this.link.state);
    const definition = this.find(request.params.type);
    const { body } = request;
    if (isForm(request.headers['content-type'])) throw new UnsupportedMediaTypeException('post JSON');
    const stage = awaitedStage(request.query, this.link.awaited);
    if (body instanceof NdjsonText || Array.isArray(body)) {
      const items = readItems(body, this.config.BULK_MAX_ITEMS);
      const answer = await postAll(this.bulk, items, stage, (item) => eventOf(definition, item));
      reply.code(202).send({ ...answer, ...this.link.notice() });
      return;
    }
    const event = oneEvent(definition, body);
    if (stage === undefined) await emitOrRefuse(this.trades, event);
    else {
      const id = await this.awaited.withDeadline((deadline) =>
        emitAndWait(this.awaited, event, stage, deadline),
      );
      reply.header(EVENT_ID_HEADER, id);
    }
    reply.code(202).send({ ...event, ...this.link.notice() });
  }

  private find(type: string): EventDefinition {
    const definition = this.types.find(type);
    if (definition !== undefined) return definition;
    const { names } = this.types;
    const known = names.length === 0 ? 'EVENT_TYPES is not set' : `the types are ${names.join(', ')}`;
    throw new TradeRefusedException('unknown_type', {
      status: 404,
      detail: `there is no such type: ${known}`,
    });
  }
}

/** @throws TradeRefusedException 400 */
function oneEvent(definition: EventDefinition, body: unknown): ConfiguredEvent {
  if (typeof body !== 'object' || body === null) {
    const message = 'the body must be a JSON object, or a list of objects';
    throw invalidInput('not_an_object', [{ field: 'body', rule: 'type', message }]);
  }
  const event = eventOf(definition, body);
  if (isEvent(event)) return event;
  throw invalidInput(event.reason, event.errors);
}

/** The event of an item, with its type; or what is wrong with it. */
function eventOf({ type, check }: EventDefinition, item: object): ConfiguredEvent | ItemFaults {
  const event: ConfiguredEvent = { type, ...(item as Readonly<Record<string, unknown>>) };
  if (event.type !== type) {
    const message = `type must be ${type}, as in the address, or left out`;
    return { reason: 'invalid_event', errors: [{ field: 'type', rule: 'const', message }] };
  }
  const fault = check(event);
  if (fault === undefined) return event;
  const { field, rule, message } = fault;
  return {
    reason: 'invalid_event',
    errors: [{ field: field === '' ? 'body' : field.slice(1), rule, message }],
  };
}

function isEvent(read: ConfiguredEvent | ItemFaults): read is ConfiguredEvent {
  return Object.hasOwn(read, 'type');
}

/** Gives Swagger the types with their schemas and examples: the decorators above cannot know them. */
function describeTypes(definitions: readonly EventDefinition[]): void {
  const { prototype } = TypedEventsController;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'post');
  if (descriptor === undefined) return;
  const names = definitions.map(({ type }) => type);
  const known = names.length === 0 ? { type: String } : { enum: names };
  ApiParam({ name: 'type', description: 'Of EVENT_TYPES.', ...known })(prototype, 'post', descriptor);
  if (names.length === 0) return;
  const schemas = definitions.map(({ type, description = `An event of the type ${type}.`, schema }) => {
    return { title: type, description, type: 'object', ...schema };
  });
  const examples = definitions.flatMap(({ type, example }) => {
    return example === undefined ? [] : [[type, { summary: type, value: example }] as const];
  });
  ApiBody({
    schema: schemas.length === 1 ? { ...schemas[0] } : { oneOf: schemas as object[] },
    examples: Object.fromEntries(examples),
  })(prototype, 'post', descriptor);
}
