import { HealthRoutes } from '@app/service-kit';
import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { HealthCheckService, type HealthIndicatorFunction } from '@nestjs/terminus';
import { HealthIndicators } from './health-indicators.js';

/**
 * Ready: can the publisher take the next event? Not when there is no room for it, or the broker does not take any. A full
 * outbox is alive: a restart would lose its events.
 */
@ApiTags('operations')
@Controller('health')
export class HealthController extends HealthRoutes {
  constructor(
    health: HealthCheckService,
    private readonly indicators: HealthIndicators,
  ) {
    super(health);
  }

  protected readiness(): HealthIndicatorFunction[] {
    return [
      () => this.indicators.outbox(),
      () => this.indicators.linkToPeer(),
      () => this.indicators.delivery(),
    ];
  }

  protected liveness(): HealthIndicatorFunction[] {
    return [() => this.indicators.linkOpen()];
  }
}
