import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Injectable, Logger } from '@nestjs/common';
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
        `${file} is not there: \`npm run build\` makes it; / is the plain page until then`,
      );
    }
  }
}
