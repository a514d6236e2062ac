import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { PageFiles } from './page-files.js';

/** Serves the built page's scripts and styles. Their names hold a hash of their content: a browser may keep them for good. */
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
