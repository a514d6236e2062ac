import { HttpGate } from '@app/service-kit';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { UpstreamProxy } from './upstream-proxy.js';

const TIMEOUT_MS = 5000;

/** What the page reads of the sidecar. */
export const SIDECAR_PATHS = [
  '/stream',
  '/dead-letters',
  '/health',
  '/metrics',
  '/analytics/summary',
  '/analytics/series',
  '/analytics/latency',
  '/analytics/interarrival',
  '/analytics/export',
] as const;

/** What the page may change there: a dead letter is sent again, once however often it is asked. */
const SIDECAR_POSTS = /^\/dead-letters\/[0-9a-z]{1,32}-[0-9]{1,32}\/replay$/;

/** The way to the sidecar's HTTP side. */
@Injectable()
export class SidecarProxy extends UpstreamProxy implements OnModuleDestroy {
  constructor({ SIDECAR_HTTP_URL }: PublisherConfig, gate: HttpGate) {
    const options = {
      name: 'the sidecar',
      url: SIDECAR_HTTP_URL,
      paths: SIDECAR_PATHS,
      posts: SIDECAR_POSTS,
      authorizedPaths: ['/dead-letters'],
      streams: ['/stream'],
      timeoutMs: TIMEOUT_MS,
    };
    super(options, gate);
  }

  onModuleDestroy(): void {
    this.close();
  }
}
