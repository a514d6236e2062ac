import { METRICS } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { REFUSAL_REASONS, type RefusalReason } from './refusal.reason.js';

/** Counts what was refused at the door. Every reason exists at 0 from the start. */
@Injectable()
export class TradeRefusals {
  constructor(@InjectMetric(METRICS.publisherRefused.name) private readonly refused: Counter<'reason'>) {
    for (const reason of REFUSAL_REASONS) refused.inc({ reason }, 0);
  }

  count(reason: RefusalReason, items = 1): void {
    this.refused.inc({ reason }, items);
  }
}
