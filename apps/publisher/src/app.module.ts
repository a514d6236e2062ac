import { guardHttp, HttpGate, withoutTrailingSlash } from '@app/service-kit';
import { Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ConfigModule } from './config/config.module.js';
import { HttpModule } from './http/http.module.js';
import { setUpPosts } from './http/http-setup.js';
import { LiveModule } from './live/live.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PageModule } from './page/page.module.js';
import { serveAssets } from './page/page.controller.js';
import { PublishingModule } from './publishing/publishing.module.js';

/** The publisher: one module for each room. */
@Module({
  imports: [ConfigModule, PublishingModule, LiveModule, HttpModule, PageModule, OperationsModule],
})
export class AppModule {}

/** Guards the routes, and sets up the post routes and the page's files. Call it before `listen`. */
export async function setUpPublisher(app: NestFastifyApplication): Promise<void> {
  guardHttp(app, app.get(HttpGate));
  withoutTrailingSlash(app, ['/latency', '/pipeline', '/plain']);
  setUpPosts(app);
  await serveAssets(app);
}
