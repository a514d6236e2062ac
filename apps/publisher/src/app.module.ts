import { Module } from '@nestjs/common';
import { PublisherConfigModule } from './config/publisher-config.module.js';
import { EventsModule } from './events/events.module.js';
import { HealthModule } from './health/health.module.js';
import { LinkModule } from './link/link.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { PageModule } from './page/page.module.js';
import { ProxyModule } from './proxy/proxy.module.js';
import { TradesModule } from './trades/trades.module.js';

/** The publisher: one folder a feature. */
@Module({
  imports: [
    PublisherConfigModule,
    LinkModule,
    EventsModule,
    TradesModule,
    MetricsModule,
    HealthModule,
    PageModule,
    ProxyModule,
  ],
})
export class AppModule {}
