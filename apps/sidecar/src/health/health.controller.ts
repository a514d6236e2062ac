import { SharedWork } from '@app/service-kit';
import { ZmqServer } from '@app/zmq-transport';

import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  HealthCheck,
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
} from '@nestjs/terminus';
import { StateIndicator } from '../state/state.indicator.js';

/** Says whether trades are being taken in. */
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
  @Get()
  @HealthCheck()
  check(): Promise<HealthCheckResult> {
    return this.checks.ask('all');
  }

  private checkAll(): Promise<HealthCheckResult> {
    return this.health.check([
      () => {
        const indicator = this.indicators.check('pull_loop');
        return this.server.isReceiving
          ? indicator.up({ addresses: this.server.boundAddresses })
          : indicator.down('the receive loop does not run');
      },
      ...(this.state.isNeeded ? [() => this.state.check()] : []),
    ]);
  }
}
