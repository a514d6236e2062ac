import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { StateWriter } from './state.writer.js';

/** Shorter failures are a disk that was busy, and are made good by the next write. */
const PATIENCE_SECONDS = 5;

/** Says whether the kept state can be written. */
@Injectable()
export class StateIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly writer: StateWriter,
  ) {}

  /** Whether there is anything to check. */
  get isNeeded(): boolean {
    return this.writer.keepsState;
  }

  /** Down once writing has failed for more than some seconds. */
  check(): HealthIndicatorResult<'state'> {
    const indicator = this.indicators.check('state');
    return this.writer.failingSeconds > PATIENCE_SECONDS
      ? indicator.down('the state cannot be written: a restart would lose what was counted since')
      : indicator.up();
  }
}
