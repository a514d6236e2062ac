import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { register, Registry } from 'prom-client';
import { SharedWork } from '../service/shared-work.js';
import { OPENMETRICS, renderMetrics, wantsOpenMetrics } from './exposition-format.js';

const MEDIA_TYPES = [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE];

/** `GET /metrics`. */
@ApiTags('metrics')
@Controller('metrics')
export class MetricsController {
  /** One rendering, and one copy of its bytes, for all requests within a moment. */
  private readonly rendering = new SharedWork(async (isOpen: boolean) => {
    const { contentType, body } = await renderMetrics(register, isOpen ? OPENMETRICS : undefined);
    return { contentType, bytes: Buffer.from(body) };
  });

  @Get()
  @ApiOperation({ summary: "Metrics in Prometheus' text format, or as OpenMetrics where Accept asks for it" })
  @ApiOkResponse({
    description:
      'All metrics as of the request. Requests that come while one is answered share the next answer.',
    content: Object.fromEntries(MEDIA_TYPES.map((type) => [type, { schema: { type: 'string' } }])),
  })
  async read(@Headers('accept') accept: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const { contentType, bytes } = await this.rendering.ask(wantsOpenMetrics(accept));
    void reply.header('content-type', contentType).header('vary', 'accept').send(bytes);
  }
}
