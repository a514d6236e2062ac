import type { DeliveryMode } from '@app/contracts';
import { withoutCredentials } from '@app/service-kit';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { type LinkWay, PublisherConfig } from '../config/publisher.config.js';
import { PlainPage } from '../http/plain-page.js';
import { PageFiles } from './page-files.js';

/** What the page reads when it opens: how events travel, and the addresses that it links to. */
type PageSettings = LinkWay & {
  readonly delivery: DeliveryMode;
  /** The sidecar's own address, for links. */
  readonly sidecarUrl: string;
  /** Set when the page can ask for longer ranges under `/prometheus/`. */
  readonly prometheusUrl?: string;
  readonly grafanaUrl?: string;
};

/** The web page: one document at each of its addresses; its script shows what belongs to the address. */
@ApiExcludeController()
@Controller()
export class PageController {
  constructor(
    private readonly files: PageFiles,
    private readonly plain: PlainPage,
    private readonly config: PublisherConfig,
  ) {}

  @Get(['/', 'latency', 'pipeline'])
  @Header('content-type', 'text/html; charset=utf-8')
  // The names of its scripts change with every build: a stale document would ask for files that are gone.
  @Header('cache-control', 'no-cache')
  page(): string {
    return this.files.document ?? this.plain.render();
  }

  @Get('page/settings')
  @Header('cache-control', 'no-store')
  settings(): PageSettings {
    const { delivery, way, SIDECAR_HTTP_URL, PROMETHEUS_URL, GRAFANA_URL } = this.config;
    return {
      delivery,
      ...way,
      sidecarUrl: withoutCredentials(SIDECAR_HTTP_URL),
      ...(PROMETHEUS_URL && { prometheusUrl: withoutCredentials(PROMETHEUS_URL) }),
      ...(GRAFANA_URL && { grafanaUrl: withoutCredentials(GRAFANA_URL) }),
    };
  }
}
