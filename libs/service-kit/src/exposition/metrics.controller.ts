import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { register, Registry } from 'prom-client';
import { renderMetrics } from './exposition.format.js';

const MEDIA_TYPES = [Registry.PROMETHEUS_CONTENT_TYPE, Registry.OPENMETRICS_CONTENT_TYPE];

/** What Prometheus collects. */
@ApiTags('metrics')
@Controller('metrics')
export class MetricsController {
  @Get()
  @ApiOperation({ summary: "Metrics in Prometheus' text format, or as OpenMetrics where Accept asks for it" })
  @ApiOkResponse({
    description: 'All metrics, worked out now.',
    content: Object.fromEntries(MEDIA_TYPES.map((type) => [type, { schema: { type: 'string' } }])),
  })
  async read(@Headers('accept') accept: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const { contentType, body } = await renderMetrics(register, accept);
    void reply.header('content-type', contentType).header('vary', 'accept').send(body);
  }
}
