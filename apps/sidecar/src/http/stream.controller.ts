import { HttpGate } from '@app/service-kit';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LiveStream } from './live-stream.js';

/** The live stream of what was received. */
@ApiTags('stream')
@Controller('stream')
export class StreamController {
  constructor(
    private readonly stream: LiveStream,
    private readonly gate: HttpGate,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Server-sent events: the trades received with their latency, and the totals' })
  @ApiOkResponse({
    description:
      'At most ten messages a second, each a JSON array of items: {"kind":"trade",…}, {"kind":"totals",…} and, twice a second, {"kind":"statistics",…}.',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  open(@Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    const refusal = this.gate.holdStream(request, reply);
    if (refusal !== undefined) throw refusal;
    this.stream.serve(request, reply);
  }
}
