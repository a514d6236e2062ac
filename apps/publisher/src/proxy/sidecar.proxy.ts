import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { UpstreamProxy } from './upstream.proxy.js';

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

/** The way to the sidecar's HTTP side. */
@Injectable()
export class SidecarProxy extends UpstreamProxy implements OnModuleDestroy {
  constructor({ SIDECAR_HTTP_URL }: PublisherConfig) {
    super({
      name: 'the sidecar',
      url: SIDECAR_HTTP_URL,
      paths: SIDECAR_PATHS,
      authorizedPaths: ['/dead-letters'],
      timeoutMs: TIMEOUT_MS,
    });
  }

  onModuleDestroy(): void {
    this.close();
  }
}
