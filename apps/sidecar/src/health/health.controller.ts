import { SharedWork } from '@app/service-kit';
import { ZmqServer } from '@app/zmq-transport';
import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorResult,
} from '@nestjs/terminus';
import { StateIndicator } from '../state/state.indicator.js';

/**
 * Two questions. Are trades taken in, and kept: `GET /health` and `/health/ready`. Would a restart help: `GET /health/live`,
 * 503 only then; a disk that cannot be written is no reason, what was counted since would be lost.
 */
@ApiTags('health')
@Controller('health')
export class HealthController {
  /** One check for all who ask within a moment. */
  private readonly checks = new SharedWork(() => this.checkAll());

  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly server: ZmqServer,
    private readonly state: StateIndicator,
  ) {}

  /** 200 only while the receive loop runs: an HTTP server that answers says nothing about the trades. */
  @Get(['', 'ready'])
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.checks.ask('all');
  }

  /** 200 while the receive loop runs: one that has ended begins again with the process only. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([() => this.checkLoop()]);
  }

  private checkAll(): Promise<HealthCheckResult> {
    return this.health.check([
      () => this.checkLoop(),
      ...(this.state.isNeeded ? [() => this.state.check()] : []),
    ]);
  }

  private checkLoop(): HealthIndicatorResult {
    const indicator = this.indicators.check('pull_loop');
    return this.server.isReceiving
      ? indicator.up({ addresses: this.server.boundAddresses })
      : indicator.down('the receive loop does not run');
  }
}
