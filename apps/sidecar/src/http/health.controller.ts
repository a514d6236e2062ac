import { SharedWork } from '@app/service-kit';
import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  HealthCheckService,
  type HealthIndicatorResult,
  HealthIndicatorService,
} from '@nestjs/terminus';
import { KEPT_FILE, type StateFile } from '../counting/state/state-file.js';
import { StateWriter } from '../counting/state/state-writer.js';
import { Intake, type IntakeHealth } from '../intake/intake.js';

/** A shorter failure is a busy disk, and the next write makes up for it. */
const STATE_PATIENCE_SECONDS = 5;

/**
 * Two questions. `GET /health` and `/health/ready`: are trades received, and kept? `GET /health/live`: would a restart
 * help? It is 503 only then. A disk that cannot be written is no reason for a restart, which would lose what was counted
 * since the last write.
 */
@ApiTags('health')
@Controller('health')
export class HealthController {
  /** One check for all who ask within a moment. */
  private readonly checks = new SharedWork(() => this.checkAll());

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly intake: Intake,
    private readonly writer: StateWriter,
    @Inject(KEPT_FILE) private readonly file: StateFile | undefined,
  ) {}

  /** 200 only while trades are received: an HTTP server that answers says nothing about them. */
  @Get(['', 'ready'])
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.checks.ask('all');
  }

  /** 200 while nothing is wrong that a restart would mend. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.checkIntake(this.intake.live())]);
  }

  private checkAll(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.checkIntake(this.intake.ready()),
      ...(this.writer.keepsState ? [() => this.checkState()] : []),
    ]);
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
          'the state cannot be written: a restart would lose what was counted since; check the disk',
        )
      : indicator.up();
  }
}
