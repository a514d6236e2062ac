import { HttpGate, httpGateOf } from '@app/service-kit';
import { Global, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { PublisherConfig, publisherConfig } from './publisher.config.js';

/** Lets every module inject `PublisherConfig`, and the gate that follows from it, by their classes. */
@Global()
@Module({
  imports: [ConfigModule.forFeature(publisherConfig)],
  providers: [
    { provide: PublisherConfig, useExisting: publisherConfig.KEY },
    { provide: HttpGate, inject: [PublisherConfig], useFactory: httpGateOf },
  ],
  exports: [HttpGate, PublisherConfig],
})
export class PublisherConfigModule {}
