import {
  guardHttp,
  HttpGate,
  httpGateOf,
  TELEMETRY,
  telemetryProvider,
  withoutTrailingSlash,
} from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Global, Module } from '@nestjs/common';
import { ConfigModule as NestConfigModule } from '@nestjs/config';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { EventTypes } from './config/event-types.js';
import { PublisherConfig, publisherConfig } from './config/publisher.config.js';
import { HttpModule } from './http/http.module.js';
import { setUpPosts } from './http/http-setup.js';
import { LiveModule } from './live/live.module.js';
import { OperationsModule } from './operations/operations.module.js';
import { PageModule } from './page/page.module.js';
import { serveAssets } from './page/page.controller.js';
import { PublishingModule } from './publishing/publishing.module.js';

const identity = { service: 'publisher', clock: epochSeconds };

/** Lets every module inject the settings, and what is made from them alone: HTTP gate, event types, OpenTelemetry where it is on. */
@Global()
@Module({
  imports: [NestConfigModule.forFeature(publisherConfig)],
  providers: [
    { provide: PublisherConfig, useExisting: publisherConfig.KEY },
    { provide: HttpGate, inject: [PublisherConfig], useFactory: httpGateOf },
    telemetryProvider(PublisherConfig, identity),
    EventTypes,
  ],
  exports: [EventTypes, HttpGate, PublisherConfig, TELEMETRY],
})
class ConfigModule {}

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
