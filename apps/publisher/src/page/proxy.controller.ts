import { Controller, Get, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PrometheusProxy } from './prometheus.proxy.js';
import { SidecarProxy } from './sidecar.proxy.js';

/**
 * `GET /sidecar/…` and `GET /prometheus/…`: what the page reads of other servers, so that its browser sees one origin.
 * The only thing it may post there is a dead letter, to be sent again.
 */
@ApiExcludeController()
@Controller()
export class ProxyController {
  constructor(
    private readonly sidecar: SidecarProxy,
    private readonly prometheus: PrometheusProxy,
  ) {}

  @Get('sidecar/*')
  passToSidecar(
    @Param('*') path: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.sidecar.pass(toPath(path), request, reply);
  }

  @Post('sidecar/dead-letters/:id/replay')
  replayLetter(
    @Param('id') id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.sidecar.pass(`/dead-letters/${id}/replay`, request, reply);
  }

  @Get('prometheus/*')
  passToPrometheus(
    @Param('*') path: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.prometheus.pass(toPath(path), request, reply);
  }
}

/** `metrics/` is `metrics`, as it is at its origin. */
function toPath(wildcard: string): string {
  return `/${wildcard.replace(/\/$/, '')}`;
}
