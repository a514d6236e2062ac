import { HttpGate } from '@app/service-kit';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LiveFeed } from './live-feed.js';

/** `GET /events`: server-sent events with the emitted trades and the state of the link. */
@ApiTags('feed')
@Controller('events')
export class EventsController {
  constructor(
    private readonly feed: LiveFeed,
    private readonly gate: HttpGate,
  ) {}

  @ApiOperation({
    summary: 'Follow emitted trades and the state of the link',
    description:
      'A stream of server-sent events. Each message is a JSON array of trades (`type: "trade"`) and link reports ' +
      '(`type: "link"`), at most ten messages a second. An event `gap` says how many items were skipped. ' +
      'Follow it with EventSource or `curl -N`; this page cannot show a stream that never ends.',
  })
  @ApiProduces('text/event-stream')
  @Get()
  stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const refusal = this.gate.holdStream(request, reply);
    if (refusal !== undefined) throw refusal;
    // A new reader learns the link's state at once, not only when it changes.
    this.feed.serve(request, reply, () => this.feed.currentLink());
  }
}
