import { HealthRoutes } from '@app/service-kit';
import { Controller, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  HealthCheckService,
  type HealthIndicatorFunction,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { AnalyticsSnapshot } from '../analytics/snapshot.js';
import { KEPT_FILE, type StateFile } from '../counting/state/state-file.js';
import { StateWriter } from '../counting/state/state-writer.js';
import { Intake, type IntakeHealth } from '../intake/intake.js';
import { finiteOrNull } from './questions/analytics-answer.js';

/** A shorter failure is a busy disk, and the next write makes up for it. */
const STATE_PATIENCE_SECONDS = 5;

/**
 * Ready: are trades received, and kept? Alive also when the disk cannot be written: a restart would lose what was counted since
 * the last write.
 */
@ApiTags('health')
@Controller('health')
export class HealthController extends HealthRoutes {
  constructor(
    health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly intake: Intake,
    private readonly writer: StateWriter,
    private readonly snapshot: AnalyticsSnapshot,
    @Inject(KEPT_FILE) private readonly file: StateFile | undefined,
  ) {
    super(health);
  }

  protected readiness(): HealthIndicatorFunction[] {
    return [
      () => this.checkIntake(this.intake.ready()),
      ...(this.writer.keepsState ? [() => this.checkState()] : []),
    ];
  }

  protected liveness(): HealthIndicatorFunction[] {
    return [() => this.checkIntake(this.intake.live())];
  }

  private checkIntake({ name, fault, details }: IntakeHealth): HealthIndicatorResult {
    const indicator = this.indicators.check(name);
    return fault === undefined ? indicator.up(details) : indicator.down(fault);
  }

  /** Down when writing has failed for some seconds, and at once when the file is not where it was. */
  private checkState(): HealthIndicatorResult {
    const indicator = this.indicators.check('state');
    const fault = this.file?.fault;
    if (fault !== undefined) return indicator.down(fault);
    return this.writer.failingSeconds > STATE_PATIENCE_SECONDS
      ? indicator.down(
          'the state cannot be written: a restart loses the counts since the last write; check the disk of SIDECAR_STATE_DIR',
        )
      : indicator.up({ snapshotAgeSeconds: finiteOrNull(this.snapshot.ageSeconds) });
  }
}
