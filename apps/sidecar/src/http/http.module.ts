import { METRICS } from '@app/contracts';
import {
  ExpositionModule,
  HttpGate,
  pulledCounters,
  showTelemetry,
  TELEMETRY,
  type Telemetry,
} from '@app/service-kit';
import { Inject, Module } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { AnalyticsModule } from '../analytics/analytics.module.js';
import { TurnQueue } from '../analytics/frame/trade-frame.js';
import { CountingModule } from '../counting/counting.module.js';
import { IntakeModule } from '../intake/intake.module.js';
import { AsyncApiController } from './asyncapi.controller.js';
import { HealthController } from './health.controller.js';
import { LiveStatistics, LiveStream, StreamController } from './live-stream.js';
import { AnalyticsController } from './questions/analytics.controller.js';
import { FrameQuestions } from './questions/frame-questions.js';
import { TradeExport } from './questions/trade-export.js';

/** What people and programs ask: `/metrics`, `/health`, `/stream`, `/analytics`. */
@Module({
  imports: [
    AnalyticsModule,
    CountingModule,
    ExpositionModule,
    IntakeModule,
    TerminusModule.forRoot({ logger: false }),
  ],
  controllers: [AnalyticsController, AsyncApiController, HealthController, StreamController],
  providers: [FrameQuestions, LiveStatistics, LiveStream, TradeExport, TurnQueue],
})
export class HttpModule {
  constructor(gate: HttpGate, @Inject(TELEMETRY) telemetry: Telemetry | undefined) {
    pulledCounters(METRICS.httpRefused, 'reason', () => gate.refusals());
    showTelemetry(telemetry, METRICS.telemetrySent, METRICS.telemetryDropped);
  }
}
