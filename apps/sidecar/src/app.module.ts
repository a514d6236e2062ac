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
import { ReplayTally } from './rejections/replay.tally.js';
import { ReplaysModule } from './replays/replays.module.js';
import { StateSaverModule } from './state/state-saver.module.js';
import { StateSaver } from './state/state.saver.js';
import { StreamModule } from './stream/stream.module.js';
import { receivedInputs } from './transport/transport.metrics.js';
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
  /** Counts of earlier processes: the saver's state is put back before this is made. */
  private readonly before: Readonly<Record<'applied' | 'rejected' | 'replayed', number>>;

  constructor(
    private readonly server: ZmqServer,
    private readonly recorder: TradeRecorder,
    private readonly rejections: RejectionsService,
    private readonly replays: ReplayTally,
    private readonly saver: StateSaver,
  ) {
    this.before = this.counts();
  }

  /**
   * Takes in what was already sent before anything is torn down: Nest itself would close the transport only after the
   * providers. The line it logs is the last count, for people and for tests.
   */
  async onModuleDestroy(): Promise<void> {
    await this.server.drain();
    const { buy, sell } = this.recorder.totals();
    const { applied, rejected, replayed } = this.counts();
    // Received, applied and rejected are of this process, and add up; the totals go on from a kept state.
    this.logger.log(
      `sidecar drained: received=${receivedInputs(this.server.stats())}, ` +
        `applied=${applied - this.before.applied}, rejected=${rejected - this.before.rejected}, ` +
        `trades_total buy=${buy.trades} sell=${sell.trades}, ` +
        `volume_total buy=${buy.volume} sell=${sell.volume}, ` +
        `dead letters replayed=${replayed - this.before.replayed}`,
    );
    await this.saver.save();
  }

  /** In all. Applied are those that came in; a dead letter that was replayed came in before. */
  private counts(): Record<'applied' | 'rejected' | 'replayed', number> {
    const { buy, sell } = this.recorder.totals();
    const replayed = this.replays.total;
    return { applied: buy.trades + sell.trades - replayed, rejected: this.rejections.total, replayed };
  }
}
