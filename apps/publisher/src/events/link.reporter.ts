import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LinkService } from '../link/link.service.js';
import type { LinkEvent } from './publisher.event.js';
import { PublisherFeed } from './publisher.feed.js';

const DEPTH_INTERVAL_MS = 500;

/** Puts every change of the link's state into the feed, and the queue's depth when it moved and somebody listens. */
@Injectable()
export class LinkReporter implements OnModuleInit, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private lastQueued = 0;

  constructor(
    private readonly link: LinkService,
    private readonly feed: PublisherFeed,
  ) {}

  onModuleInit(): void {
    this.link.onChange(() => this.report());
    this.timer = setInterval(() => this.reportDepth(), DEPTH_INTERVAL_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** What is true now. */
  current(): LinkEvent {
    const state = this.link.state;
    const { delivery, pair, waiting: queued, noticeText: notice } = this.link;
    return { type: 'link', state, delivery, pair, queued, ...(notice === undefined ? {} : { notice }) };
  }

  /** Puts what is true now into the feed. */
  report(): void {
    const event = this.current();
    this.lastQueued = event.queued;
    this.feed.publish(event);
  }

  private reportDepth(): void {
    const moved = this.link.waiting !== this.lastQueued;
    if (moved && this.feed.stats().clients > 0) this.report();
  }
}
