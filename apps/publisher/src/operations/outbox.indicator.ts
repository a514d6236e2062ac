import { Injectable } from '@nestjs/common';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { LinkService } from '../publishing/link.service.js';

/** What the largest of our events take, with some to spare. */
const LEAST_ROOM_BYTES = 1024;

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
    // Events do not fill the bytes exactly: less room than one takes is none.
    const leastRoomBytes = Math.min(LEAST_ROOM_BYTES, maxQueuedBytes / 16);
    const full = queuedEvents >= maxQueuedEvents || maxQueuedBytes - queuedBytes < leastRoomBytes;
    const session = this.health.check('outbox');
    return full ? session.down(details) : session.up(details);
  }
}
