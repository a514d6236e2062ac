import { HttpGate, httpGateOf } from '@app/service-kit';
import { Global, Module } from '@nestjs/common';
import { ConfigModule as NestConfigModule } from '@nestjs/config';
import { PublisherConfig, publisherConfig } from './publisher.config.js';

/** Lets every module inject `PublisherConfig`, and the gate that is made from it, by their classes. */
@Global()
@Module({
  imports: [NestConfigModule.forFeature(publisherConfig)],
  providers: [
    { provide: PublisherConfig, useExisting: publisherConfig.KEY },
    { provide: HttpGate, inject: [PublisherConfig], useFactory: httpGateOf },
  ],
  exports: [HttpGate, PublisherConfig],
})
export class ConfigModule {}
