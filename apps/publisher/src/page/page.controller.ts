import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DeliveryMode } from '@app/contracts';
import { withoutCredentials } from '@app/service-kit';
import fastifyStatic from '@fastify/static';
import { Controller, Get, Header, Injectable, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { type LinkWay, PublisherConfig } from '../config/publisher.config.js';
import { PlainPage } from '../http/plain-page.js';

/** The built page, as `npm run build` leaves it. */
@Injectable()
export class PageFiles {
  /** The page's document; undefined when the page was not built. */
  readonly document: string | undefined;
  /** Absolute folder of its scripts and styles, whose names change with their content. */
  readonly assetsFolder: string;

  constructor({ WEB_ROOT }: PublisherConfig) {
    const file = join(WEB_ROOT, 'index.html');
    this.assetsFolder = resolve(WEB_ROOT, 'assets');
    this.document = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    if (this.document === undefined) {
      new Logger('publisher').warn(
        `${file} is missing, so / serves the plain page: run \`npm run build\`, and start the publisher again`,
      );
    }
  }
}

/** Serves the built page's scripts and styles. Their names hold a hash of their content, so a browser may keep them for good. */
export async function serveAssets(app: NestFastifyApplication): Promise<void> {
  const { document, assetsFolder } = app.get(PageFiles);
  if (document === undefined) return;
  await app.register(fastifyStatic, {
    root: assetsFolder,
    prefix: '/assets/',
    decorateReply: false,
    immutable: true,
    maxAge: '365d',
    index: false,
    preCompressed: true,
  });
}

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
