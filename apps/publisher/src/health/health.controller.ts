import { SharedWork } from '@app/service-kit';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheck, HealthCheckService, type HealthCheckResult } from '@nestjs/terminus';
import { DeliveryIndicator } from './delivery.indicator.js';
import { LinkIndicator } from './link.indicator.js';
import { OutboxIndicator } from './outbox.indicator.js';

/** `GET /health`: 200 while the publisher can take events, 503 when there is no room for the next one. */
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

  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.checks.ask('all');
  }

  private checkAll(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.outbox.check(),
      () => this.link.check(),
      () => this.delivery.check(),
    ]);
  }
}
