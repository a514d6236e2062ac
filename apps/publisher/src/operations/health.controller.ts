import { SharedWork } from '@app/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { DeliveryIndicator } from './delivery.indicator.js';
import { LinkIndicator } from './link.indicator.js';
import { OutboxIndicator } from './outbox.indicator.js';

/**
 * Two questions. Can the publisher take events: `GET /health` and `/health/ready`, 503 when there is no room for the next
 * one. Would a restart help: `GET /health/live`, 503 only then; a full outbox is no reason, a restart would lose it.
 */
@ApiTags('operations')
@Controller('health')
export class HealthController {
  /** One check for all who ask within a moment. */
  private readonly checks = new SharedWork(() => this.checkAll());

  constructor(
    private readonly health: HealthCheckService,
    private readonly outbox: OutboxIndicator,
    private readonly link: LinkIndicator,
    private readonly delivery: DeliveryIndicator,
  ) {}

  @Get(['', 'ready'])
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.checks.ask('all');
  }

  /** An answer is most of the proof: a process that hangs gives none. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.link.checkOpen()]);
  }

  private checkAll(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.outbox.check(),
      () => this.link.check(),
      () => this.delivery.check(),
    ]);
  }
}
