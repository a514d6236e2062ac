import { Get } from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import {
  HealthCheck,
  type HealthCheckResult,
  type HealthCheckService,
  type HealthIndicatorFunction,
} from '@nestjs/terminus';
import { SharedWork } from '../service/shared-work.js';

/**
 * The health routes of an app. `GET /health` and `/health/ready` say whether it does its work now; `GET /health/live` says
 * whether a restart would help: it is 503 only then.
 */
export abstract class HealthRoutes {
  /** One check for all requests within a moment. */
  private readonly checks = new SharedWork(() => this.health.check(this.readiness()));

  constructor(private readonly health: HealthCheckService) {}

  protected abstract readiness(): HealthIndicatorFunction[];

  protected abstract liveness(): HealthIndicatorFunction[];

  @Get(['', 'ready'])
  @ApiOperation({ summary: 'Ready: 200 while the app does its work' })
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.checks.ask('all');
  }

  /** The answer itself is most of the proof: a process that hangs gives none. */
  @Get('live')
  @ApiOperation({ summary: 'Alive: 503 when only a restart helps' })
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check(this.liveness());
  }
}
