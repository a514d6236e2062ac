import { guardHttp, HttpGate } from '@app/service-kit';
import { ZmqServer } from '@app/zmq-transport';
import { Logger, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { ConfigModule } from './config/config.module.js';
import { SidecarKeys } from './config/sidecar-keys.js';
import { CountingModule } from './counting/counting.module.js';
import { BatchTurns } from './counting/state/batch-turns.js';
import { StateSaver } from './counting/state/state-saver.js';
import { TradeRecorder } from './counting/trade-recorder.js';
import { HttpModule } from './http/http.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { RejectionsService } from './intake/rejections/rejections.service.js';
import { connectIntake, receivedInputs, tradeServer } from './intake/trade-server.js';

type Counts = Readonly<Record<'applied' | 'rejected' | 'replayed', number>>;

/** The sidecar: trades come in by ZeroMQ, metrics go out by HTTP. */
@Module({
  imports: [ConfigModule, CountingModule, IntakeModule, tradeServer, AnalyticsModule, HttpModule],
})
export class AppModule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('sidecar');
  /** Counts of earlier processes: the kept state is restored before this class is created. */
  private readonly before: Counts;

  constructor(
    private readonly server: ZmqServer,
    private readonly keys: SidecarKeys,
    private readonly turns: BatchTurns,
    private readonly recorder: TradeRecorder,
    private readonly rejections: RejectionsService,
    private readonly saver: StateSaver,
  ) {
    this.before = this.counts();
  }

  onApplicationBootstrap(): void {
    this.turns.follow(this.server);
    this.keys.follow(() => this.server.rotateKeys());
  }

  /**
   * Receives what was already sent before anything is destroyed: Nest itself closes the transport only after the providers. The
   * line it logs has the last counts, for people and for tests.
   */
  async onModuleDestroy(): Promise<void> {
    await this.server.drain();
    const { buy, sell } = this.recorder.totals();
    const { applied, rejected, replayed } = this.counts();
    // Received, applied and rejected are of this process, and add up; the totals continue from a kept state.
    this.logger.log(
      `sidecar drained: received=${receivedInputs(this.server.stats())}, ` +
        `applied=${applied - this.before.applied}, rejected=${rejected - this.before.rejected}, ` +
        `trades_total buy=${buy.trades} sell=${sell.trades}, ` +
        `volume_total buy=${buy.volume} sell=${sell.volume}, ` +
        `dead letters replayed=${replayed - this.before.replayed}`,
    );
    await this.saver.save();
  }

  /** Of this process and earlier ones. A replayed dead letter is not among the applied: it came in before. */
  private counts(): Counts {
    const { buy, sell } = this.recorder.totals();
    const { total: rejected, replayed } = this.rejections;
    return { applied: buy.trades + sell.trades - replayed, rejected, replayed };
  }
}

/** Guards the HTTP routes, then starts to receive trades. Call it before `listen`. */
export async function setUpSidecar(app: NestFastifyApplication): Promise<void> {
  guardHttp(app, app.get(HttpGate), {
    secret: ['/dead-letters'],
    costly: ['/dead-letters', '/analytics'],
  });
  await connectIntake(app);
}
