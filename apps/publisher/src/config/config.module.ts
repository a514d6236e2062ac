import { HttpGate, httpGateOf, TELEMETRY, telemetryProvider } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Global, Module } from '@nestjs/common';
import { ConfigModule as NestConfigModule } from '@nestjs/config';
import { PublisherConfig, publisherConfig } from './publisher.config.js';

const identity = { service: 'publisher', clock: epochSeconds };

/** Lets every module inject `PublisherConfig`, and what is made from it alone: the gate, and OpenTelemetry where it is on. */
@Global()
@Module({
  imports: [NestConfigModule.forFeature(publisherConfig)],
  providers: [
    { provide: PublisherConfig, useExisting: publisherConfig.KEY },
    { provide: HttpGate, inject: [PublisherConfig], useFactory: httpGateOf },
    telemetryProvider(PublisherConfig, identity),
  ],
  exports: [HttpGate, PublisherConfig, TELEMETRY],
})
export class ConfigModule {}
