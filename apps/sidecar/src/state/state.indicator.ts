import { Inject, Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { StateFile } from './state.file.js';
import { KEPT_FILE } from './state.tokens.js';
import { StateWriter } from './state.writer.js';

/** Shorter failures are a disk that was busy, and are made good by the next write. */
const PATIENCE_SECONDS = 5;

/** Says whether the kept state can be written. */
@Injectable()
export class StateIndicator {
  constructor(
    private readonly indicators: HealthIndicatorService,
    private readonly writer: StateWriter,
    @Inject(KEPT_FILE) private readonly file: StateFile | undefined,
  ) {}

  /** Whether there is anything to check. */
  get isNeeded(): boolean {
    return this.writer.keepsState;
  }

  /** Down once writing has failed for more than some seconds, and at once when the file is not where it was. */
  check(): HealthIndicatorResult<'state'> {
    const indicator = this.indicators.check('state');
    const fault = this.file?.fault;
    if (fault !== undefined) return indicator.down(fault);
    return this.writer.failingSeconds > PATIENCE_SECONDS
      ? indicator.down('the state cannot be written: a restart would lose what was counted since')
      : indicator.up();
  }
}
