import { HttpGate } from '@app/service-kit';
import { Controller, Get, type OnModuleDestroy, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PublisherConfig } from '../config/publisher.config.js';
import { UpstreamProxy } from './upstream-proxy.js';

const SIDECAR_TIMEOUT_MS = 5000;
/** Longer than Prometheus takes for hours of one-second samples. */
const PROMETHEUS_TIMEOUT_MS = 15_000;

/** What the page reads of the sidecar. */
const SIDECAR_PATHS = [
  '/stream',
  '/dead-letters',
  '/health',
  '/metrics',
  '/analytics/summary',
  '/analytics/series',
  '/analytics/latency',
  '/analytics/interarrival',
  '/analytics/bars',
  '/analytics/quantities',
  '/analytics/symbols',
  '/analytics/export',
];

/** The only change that the page may make there: it replays a dead letter, which counts once however often it is asked for. */
const SIDECAR_POSTS = /^\/dead-letters\/[0-9a-z]{1,32}-[0-9]{1,32}\/replay$/;

/**
 * `GET /sidecar/…` and `GET /prometheus/…`: what the page reads from other servers, so that its browser sees one origin. The
 * only post that it may send there replays a dead letter.
 */
@ApiExcludeController()
@Controller()
export class ProxyController implements OnModuleDestroy {
  private readonly sidecar: UpstreamProxy;
  /** Without PROMETHEUS_URL it passes nothing on, and every path is 404. */
  private readonly prometheus: UpstreamProxy;

  constructor({ SIDECAR_HTTP_URL, PROMETHEUS_URL }: PublisherConfig, gate: HttpGate) {
    const sidecar = {
      name: 'the sidecar',
      url: SIDECAR_HTTP_URL,
      paths: SIDECAR_PATHS,
      posts: SIDECAR_POSTS,
      authorizedPaths: ['/dead-letters'],
      streams: ['/stream'],
      timeoutMs: SIDECAR_TIMEOUT_MS,
    };
    const prometheus = {
      name: 'Prometheus',
      url: PROMETHEUS_URL ?? '',
      paths: PROMETHEUS_URL === undefined ? [] : ['/api/v1/query', '/api/v1/query_range'],
      timeoutMs: PROMETHEUS_TIMEOUT_MS,
    };
    this.sidecar = new UpstreamProxy(sidecar, gate);
    this.prometheus = new UpstreamProxy(prometheus, gate);
  }

  onModuleDestroy(): void {
    this.sidecar.close();
    this.prometheus.close();
  }

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
