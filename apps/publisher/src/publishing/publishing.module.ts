import { Module } from '@nestjs/common';
import { AppliedTrades } from './applied-trades.js';
import { LinkService } from './link.service.js';
import { PublisherKeys } from './publisher-keys.js';
import { tradesClientProvider } from './trades-client.js';
import { TradesService } from './trades.service.js';

/** Hands validated trades to the client, and reports on the link to the sidecars. */
@Module({
  providers: [PublisherKeys, tradesClientProvider, LinkService, TradesService, AppliedTrades],
  exports: [LinkService, TradesService, AppliedTrades],
})
export class PublishingModule {}
