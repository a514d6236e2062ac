import { SharedWork } from '@app/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { HealthIndicators } from './health-indicators.js';

/**
 * Answers two questions. Can the publisher take events? `GET /health` and `/health/ready`: 503 when there is no room for the
 * next one, or the broker does not take any. Would a restart help? `GET /health/live`: 503 only then. A full outbox is no reason: a restart would lose its
 * events.
 */
@ApiTags('operations')
@Controller('health')
export class HealthController {
  /** One check for all requests within a moment. */
  private readonly checks = new SharedWork(() => this.checkAll());

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicators,
  ) {}

  @Get(['', 'ready'])
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.checks.ask('all');
  }

  /** The answer itself is most of the proof: a process that hangs gives none. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.indicators.linkOpen()]);
  }

  private checkAll(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.indicators.outbox(),
      () => this.indicators.linkToPeer(),
      () => this.indicators.delivery(),
    ]);
  }
}
