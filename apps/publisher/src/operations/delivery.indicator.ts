import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { PublisherConfig } from '../config/publisher.config.js';
import { LinkService } from '../publishing/link.service.js';

/** How events are delivered, how many are not acknowledged, and whether there is room for the next one. */
@Injectable()
export class DeliveryIndicator {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly link: LinkService,
    private readonly config: PublisherConfig,
  ) {}

  check(): HealthIndicatorResult {
    const session = this.health.check('delivery');
    const { DELIVERY: mode, SPOOL_OVERFLOW: overflow } = this.config;
    if (mode === 'at-most-once') return session.up({ mode });
    const stats = this.link.deliveryStats();
    const { maxEvents, maxBytes } = this.bounds();
    const details = {
      mode,
      spooledEvents: stats.unacknowledgedEvents,
      spooledBytes: stats.unacknowledgedBytes,
      maxSpooledBytes: maxBytes,
      oldestUnacknowledgedSeconds: stats.oldestUnacknowledgedSeconds,
      credit: stats.credit,
    };
    if (stats.fault !== undefined) return session.down({ ...details, fault: stats.fault });
    const full = stats.unacknowledgedEvents >= maxEvents || stats.unacknowledgedBytes >= maxBytes;
    // The other policies take the next event all the same: later, or in the place of the oldest.
    return full && overflow === 'reject' ? session.down(details) : session.up(details);
  }

  private bounds(): { maxEvents: number; maxBytes: number } {
    const { DELIVERY, OUTBOX_MAX_EVENTS, OUTBOX_MAX_BYTES, SPOOL_MAX_BYTES } = this.config;
    return DELIVERY === 'durable'
      ? { maxEvents: Number.POSITIVE_INFINITY, maxBytes: SPOOL_MAX_BYTES }
      : { maxEvents: OUTBOX_MAX_EVENTS, maxBytes: OUTBOX_MAX_BYTES };
  }
}
