import { ZmqServer } from '@app/zmq-transport';
import { Logger, Module, type OnModuleDestroy } from '@nestjs/common';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { QueriesModule } from './analytics/queries/queries.module.js';
import { SettingsModule } from './config/settings.module.js';
import { HealthModule } from './health/health.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { MetricsModule } from './metrics/metrics.module.js';
import { RecorderModule } from './recorder/recorder.module.js';
import { TradeRecorder } from './recorder/trade.recorder.js';
import { RejectionsModule } from './rejections/rejections.module.js';
import { RejectionsService } from './rejections/rejections.service.js';
import { ReplaysModule } from './replays/replays.module.js';
import { StateSaverModule } from './state/state-saver.module.js';
import { StateSaver } from './state/state.saver.js';
import { StreamModule } from './stream/stream.module.js';
import { TransportModule } from './transport/transport.module.js';

/** The sidecar: trades in by ZeroMQ, metrics out by HTTP. */
@Module({
  imports: [
    SettingsModule,
    MetricsModule,
    TransportModule,
    IntakeModule,
    RecorderModule,
    AnalyticsModule,
    QueriesModule,
    RejectionsModule,
    ReplaysModule,
    StateSaverModule,
    StreamModule,
    HealthModule,
  ],
})
export class AppModule implements OnModuleDestroy {
  private readonly logger = new Logger('sidecar');

  constructor(
    private readonly server: ZmqServer,
    private readonly recorder: TradeRecorder,
    private readonly rejections: RejectionsService,
    private readonly saver: StateSaver,
  ) {}

  /**
   * Takes in what was already sent before anything is torn down: Nest itself would close the transport only after the
   * providers. The line it logs is the last count, for people and for tests.
   */
  async onModuleDestroy(): Promise<void> {
    await this.server.drain();
    const { buy, sell } = this.recorder.totals();
    this.logger.log(
      `sidecar drained: received=${this.server.stats().received}, applied=${buy.trades + sell.trades}, ` +
        `rejected=${this.rejections.total}, trades_total buy=${buy.trades} sell=${sell.trades}, ` +
        `volume_total buy=${buy.volume} sell=${sell.volume}`,
    );
    await this.saver.save();
  }
}
