import { withoutCredentials } from '@app/service-kit';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PublisherConfig } from '../config/publisher.config.js';
import { PageFiles } from './page.files.js';
import type { PageSettings } from './page.settings.js';
import { PlainPage } from './plain.page.js';

/** The web page: one document for every address of its own, which its script tells apart. */
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
  // The names of its scripts change with every build: the document must never be older than they are.
  @Header('cache-control', 'no-cache')
  page(): string {
    return this.files.document ?? this.plain.render();
  }

  @Get('page/settings')
  @Header('cache-control', 'no-store')
  settings(): PageSettings {
    const { DELIVERY, SIDECAR_HTTP_URL, PROMETHEUS_URL, GRAFANA_URL, pair } = this.config;
    return {
      delivery: DELIVERY,
      pair,
      sidecarUrl: withoutCredentials(SIDECAR_HTTP_URL),
      ...(PROMETHEUS_URL && { prometheusUrl: withoutCredentials(PROMETHEUS_URL) }),
      ...(GRAFANA_URL && { grafanaUrl: withoutCredentials(GRAFANA_URL) }),
    };
  }
}
