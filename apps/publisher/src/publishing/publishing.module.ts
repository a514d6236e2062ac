import { natsOptions, TELEMETRY, type Telemetry } from '@app/service-kit';
import { type FactoryProvider, Module } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { AwaitedTrades } from './awaited-trades.js';
import { LinkService } from './link.service.js';
import { NatsLink } from './nats-link.js';
import { PublisherKeys } from './publisher-keys.js';
import { TRADES_LINK, type TradesLink } from './trades-link.js';
import { TradesService } from './trades.service.js';
import { ZmqLink } from './zmq-link.js';

/** The one place that chooses the transport. `LinkService` opens and closes the link. */
const tradesLinkProvider: FactoryProvider<TradesLink> = {
  provide: TRADES_LINK,
  inject: [PublisherConfig, PublisherKeys, TELEMETRY],
  useFactory: (config: PublisherConfig, keys: PublisherKeys, telemetry: Telemetry | undefined) => {
    const nats = natsOptions(config);
    const traces = telemetry?.posts;
    return nats === undefined ? new ZmqLink(config, keys, traces) : new NatsLink(nats, config, traces);
  },
};

/** Hands validated trades to the link, and reports on it. */
@Module({
  providers: [PublisherKeys, tradesLinkProvider, LinkService, TradesService, AwaitedTrades],
  exports: [LinkService, TradesService, AwaitedTrades],
})
export class PublishingModule {}
