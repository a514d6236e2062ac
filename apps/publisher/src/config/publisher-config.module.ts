import { Global, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { PublisherConfig, publisherConfig } from './publisher.config.js';

/** Lets every module inject `PublisherConfig` by its class. */
@Global()
@Module({
  imports: [ConfigModule.forFeature(publisherConfig)],
  providers: [{ provide: PublisherConfig, useExisting: publisherConfig.KEY }],
  exports: [PublisherConfig],
})
export class PublisherConfigModule {}
