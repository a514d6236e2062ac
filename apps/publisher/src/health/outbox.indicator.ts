import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { LinkService } from '../link/link.service.js';

/** Whether the next event would be taken. */
@Injectable()
export class OutboxIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly link: LinkService,
  ) {}

  check(): HealthIndicatorResult {
    const { queuedEvents, maxQueuedEvents, queuedBytes, maxQueuedBytes } = this.link.stats();
    const details = { queuedEvents, maxQueuedEvents, queuedBytes, maxQueuedBytes };
    const full = queuedEvents >= maxQueuedEvents || queuedBytes >= maxQueuedBytes;
    const session = this.health.check('outbox');
    return full ? session.down(details) : session.up(details);
  }
}
