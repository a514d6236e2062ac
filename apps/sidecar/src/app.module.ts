import { guardHttp, HttpGate, httpGateOf, TELEMETRY, telemetryProvider } from '@app/service-kit';
import { epochSeconds } from '@app/transport-core';
import { Global, Logger, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { SidecarConfig, sidecarConfig } from './config/sidecar.config.js';
import { SidecarKeys } from './config/sidecar-keys.js';
import { ConfiguredCounts } from './counting/configured-counts.js';
import { CountingModule } from './counting/counting.module.js';
import { StateSaver } from './counting/state/state-saver.js';
import { TradeRecorder } from './counting/trade-recorder.js';
import { HttpModule } from './http/http.module.js';
import { connectIntake, Intake } from './intake/intake.js';
import { IntakeModule } from './intake/intake.module.js';
import { RejectionsService } from './intake/rejections/rejections.service.js';

type Counts = Readonly<Record<'rejected' | 'replayed', number>>;

const identity = { service: 'sidecar', clock: epochSeconds };

/** Lets every module inject the settings, and what is made from them alone: HTTP gate, CURVE keys, OpenTelemetry where it is on. */
@Global()
@Module({
  providers: [
    { provide: SidecarConfig, useFactory: sidecarConfig },
    { provide: HttpGate, inject: [SidecarConfig], useFactory: httpGateOf },
    telemetryProvider(SidecarConfig, identity),
    SidecarKeys,
  ],
  exports: [HttpGate, SidecarConfig, SidecarKeys, TELEMETRY],
})
class ConfigModule {}

/** The sidecar: trades come in, metrics go out by HTTP. */
@Module({
  imports: [ConfigModule, CountingModule, IntakeModule, AnalyticsModule, HttpModule],
})
export class AppModule implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('sidecar');
  /** Counts of earlier processes: the kept state is restored before this class is created. */
  private readonly before: Counts;

  constructor(
    private readonly intake: Intake,
    private readonly recorder: TradeRecorder,
    private readonly configured: ConfiguredCounts,
    private readonly rejections: RejectionsService,
    private readonly saver: StateSaver,
  ) {
    this.before = this.counts();
  }

  onApplicationBootstrap(): void {
    this.intake.follow();
  }

  /**
   * Receives what was already sent before anything is destroyed: Nest itself closes the transport only after the providers. The
   * line it logs has the last counts, for people and for tests.
   */
  async onModuleDestroy(): Promise<void> {
    await this.intake.server.drain();
    const { buy, sell } = this.recorder.totals();
    const { rejected, replayed } = this.counts();
    const replays = replayed - this.before.replayed;
    // A replayed dead letter was received before, unless the replay sent it in again.
    const counted = this.recorder.applied + this.configured.applied;
    const applied = counted - (this.intake.resend === undefined ? replays : 0);
    // Received, applied and rejected are of this process, and add up; the totals continue from a kept state.
    this.logger.log(
      `sidecar drained: received=${this.intake.received}, ` +
        `applied=${applied}, rejected=${rejected - this.before.rejected}, ` +
        `trades_total buy=${buy.trades} sell=${sell.trades}, ` +
        `volume_total buy=${buy.volume} sell=${sell.volume}, ` +
        `dead letters replayed=${replays}`,
    );
    await this.saver.save();
  }

  /** Of this process and earlier ones. */
  private counts(): Counts {
    const { total: rejected, replayed } = this.rejections;
    return { rejected, replayed };
  }
}

/** Guards the HTTP routes, then starts to receive trades. Call it before `listen`. */
export async function setUpSidecar(app: NestFastifyApplication): Promise<void> {
  guardHttp(app, app.get(HttpGate), {
    secret: ['/dead-letters'],
    costly: ['/dead-letters', '/analytics', '/asyncapi'],
  });
  await connectIntake(app);
}
