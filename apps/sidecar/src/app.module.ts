import { guardHttp, HttpGate } from '@app/service-kit';
import { ZmqServer } from '@app/zmq-transport';
import { Logger, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { SettingsModule } from './config/settings.module.js';
import { SidecarKeys } from './config/sidecar.keys.js';
import { CountingModule } from './counting/counting.module.js';
import { BatchTurns } from './counting/state/batch.turns.js';
import { StateSaver } from './counting/state/state.saver.js';
import { TradeRecorder } from './counting/trade.recorder.js';
import { HttpModule } from './http/http.module.js';
import { IntakeModule } from './intake/intake.module.js';
import { RejectionsService } from './intake/rejections/rejections.service.js';
import { connectIntake, tradeServer } from './intake/trade.server.js';

/** The sidecar: trades come in by ZeroMQ, metrics go out by HTTP. */
@Module({
  imports: [SettingsModule, CountingModule, IntakeModule, tradeServer, AnalyticsModule, HttpModule],
})
export class AppModule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('sidecar');

  constructor(
    private readonly server: ZmqServer,
    private readonly keys: SidecarKeys,
    private readonly turns: BatchTurns,
    private readonly recorder: TradeRecorder,
    private readonly rejections: RejectionsService,
    private readonly saver: StateSaver,
  ) {}

  onApplicationBootstrap(): void {
    this.turns.follow(this.server);
    this.keys.follow(() => this.server.rotateKeys());
  }

  /**
   * Receives what was already sent, before anything is torn down: Nest itself closes the transport only after the
   * providers. The line it logs has the last counts, for people and for tests.
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

/** Guards the HTTP routes, then starts to receive trades. Call it before `listen`. */
export async function setUpSidecar(app: NestFastifyApplication): Promise<void> {
  guardHttp(app, app.get(HttpGate), {
    secret: ['/dead-letters'],
    costly: ['/dead-letters', '/analytics'],
  });
  await connectIntake(app);
}
