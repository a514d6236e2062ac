import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LinkReporter } from './link.reporter.js';
import { PublisherFeed } from './publisher.feed.js';

/** `GET /events`: server-sent events of what was emitted and how the link is. */
@ApiTags('feed')
@Controller('events')
export class EventsController {
  constructor(
    private readonly feed: PublisherFeed,
    private readonly reporter: LinkReporter,
  ) {}

  @ApiOperation({
    summary: 'Follow emitted trades and the state of the link',
    description:
      'A server-sent-events stream; each message is a JSON array of trades (`type: "trade"`) and link reports ' +
      '(`type: "link"`), at most ten messages a second. An event `gap` tells how many items were skipped. ' +
      'Follow it with EventSource or `curl -N`; this page cannot show a stream that never ends.',
  })
  @ApiProduces('text/event-stream')
  @Get()
  stream(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    // HEAD asks what would come, and must not hold one of the few streams for it.
    if (request.method === 'HEAD') {
      void reply.header('content-type', 'text/event-stream; charset=utf-8').send();
      return;
    }
    this.feed.serve(request, reply);
    // A reader learns the link's state at once, and not only when it changes.
    this.reporter.report();
  }
}
