import { Module } from '@nestjs/common';
import { PublisherConfigModule } from './config/config.module.js';
import { EventsModule } from './live/live.module.js';
import { HealthModule } from './operations/operations.module.js';
import { LinkModule } from './publishing/publishing.module.js';
import { MetricsModule } from './operations/metrics.module.js';
import { PageModule } from './page/page.module.js';
import { ProxyModule } from './page/proxy.module.js';
import { TradesModule } from './http/http.module.js';

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
