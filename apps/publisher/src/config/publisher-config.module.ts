import { apiToken, HttpGate } from '@app/service-kit';
import { Global, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { PublisherConfig, publisherConfig } from './publisher.config.js';

function gateOf(config: PublisherConfig): HttpGate {
  return new HttpGate({
    allowedHosts: [config.HOST, ...config.ALLOWED_HOSTS],
    ownHosts: config.ALLOWED_HOSTS,
    trustedProxies: config.TRUSTED_PROXIES,
    token: apiToken(config),
    requestsPerSecond: config.HTTP_RATE_LIMIT,
    scrapesPerSecond: config.HTTP_SCRAPE_LIMIT,
    streamsPerAddress: config.HTTP_STREAMS_PER_ADDRESS,
  });
}

/** Lets every module inject `PublisherConfig`, and the gate that follows from it, by their classes. */
@Global()
@Module({
  imports: [ConfigModule.forFeature(publisherConfig)],
  providers: [
    { provide: PublisherConfig, useExisting: publisherConfig.KEY },
    { provide: HttpGate, inject: [PublisherConfig], useFactory: gateOf },
  ],
  exports: [HttpGate, PublisherConfig],
})
export class PublisherConfigModule {}
