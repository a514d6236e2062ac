import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { PublisherConfig } from '../config/publisher.config.js';
import { LinkService } from '../publishing/link.service.js';

/** More bytes than our largest event takes. */
const LEAST_ROOM_BYTES = 1024;

/** What `/health` says: whether the next event would be taken, whether the link is up, and what is not acknowledged. */
@Injectable()
export class HealthIndicators {
  constructor(
    private readonly health: HealthIndicatorService,
    private readonly link: LinkService,
    private readonly config: PublisherConfig,
  ) {}

  /** Down when the outbox has no room for the next event. */
  outbox(): HealthIndicatorResult {
    const { queuedEvents, maxQueuedEvents, queuedBytes, maxQueuedBytes } = this.link.stats();
    const details = { queuedEvents, maxQueuedEvents, queuedBytes, maxQueuedBytes };
    // Events do not fill the bytes exactly: less room than one event takes counts as none.
    const leastRoomBytes = Math.min(LEAST_ROOM_BYTES, maxQueuedBytes / 16);
    const full = queuedEvents >= maxQueuedEvents || maxQueuedBytes - queuedBytes < leastRoomBytes;
    const session = this.health.check('outbox');
    return full ? session.down(details) : session.up(details);
  }

  /** Degraded without a sidecar or broker: its absence is no failure of the publisher. A broker that does not fit is one. */
  linkToPeer(): HealthIndicatorResult {
    const { state, peers } = this.link.stats();
    const session = this.health.check('link');
    const notice = this.link.noticeText;
    if (notice === undefined) return session.up({ state, peers });
    const details = { state, peers, notice };
    return this.link.isUnfit ? session.down(details) : session.degraded(details);
  }

  /** Down once the link is closed: nothing opens it again in this process. */
  linkOpen(): HealthIndicatorResult {
    const session = this.health.check('link');
    const { state } = this.link;
    return state === 'closed' ? session.down({ state }) : session.up({ state });
  }

  /** Down when the spool cannot take the next event. */
  delivery(): HealthIndicatorResult {
    const session = this.health.check('delivery');
    const { delivery: mode, SPOOL_OVERFLOW: overflow } = this.config;
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
    // The other policies still take the next event: later, or in place of the oldest.
    return full && overflow === 'reject' ? session.down(details) : session.up(details);
  }

  private bounds(): { maxEvents: number; maxBytes: number } {
    const { delivery, OUTBOX_MAX_EVENTS, OUTBOX_MAX_BYTES, SPOOL_MAX_BYTES } = this.config;
    return delivery === 'durable'
      ? { maxEvents: Number.POSITIVE_INFINITY, maxBytes: SPOOL_MAX_BYTES }
      : { maxEvents: OUTBOX_MAX_EVENTS, maxBytes: OUTBOX_MAX_BYTES };
  }
}
