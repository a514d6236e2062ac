import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import { Injectable, Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PublisherConfig } from '../config/publisher.config.js';

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
        `${file} does not exist; / serves the plain page. Run \`npm run build\` to make it, and start again`,
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
