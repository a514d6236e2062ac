import type { DeliveryMode, TradeEvent } from '@app/contracts';
import { EventFeed } from '@app/service-kit';
import type { SocketPair } from '@app/zmq-transport';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LinkService } from '../publishing/link.service.js';
import { TradesService } from '../publishing/trades.service.js';

/** The link's state and the queue's depth. */
export interface LinkEvent {
  type: 'link';
  state: string;
  delivery: DeliveryMode;
  /** Over ZeroMQ: the sockets the events leave by; with `pub-sub` nothing waits for a sidecar. */
  pair?: SocketPair;
  /** Over NATS: the stream that the broker stores the events in. */
  stream?: string;
  /** Events that wait to be sent; unless `delivery` is `at-most-once`, events that are not acknowledged. */
  queued: number;
  /** Plain words while the link is not up. */
  notice?: string;
}

/** An item of `/events`: a trade exactly as it was emitted, or a report about the link. */
export type LiveEvent = TradeEvent | LinkEvent;

const DEPTH_INTERVAL_MS = 500;

/**
 * The feed behind `/events`: each trade, each change of the link's state, and the queue's depth when it changed and somebody
 * listens. Its streams end before HTTP closes, which would otherwise wait for them.
 */
@Injectable()
export class LiveFeed extends EventFeed<LiveEvent> implements OnModuleInit, OnModuleDestroy {
  private depthTimer: NodeJS.Timeout | undefined;
  private lastQueued = 0;

  constructor(
    private readonly link: LinkService,
    private readonly trades: TradesService,
  ) {
    super();
  }

  onModuleInit(): void {
    this.trades.onTaken((trade) => this.publish(trade));
    this.link.onChange(() => this.reportLink());
    this.depthTimer = setInterval(() => this.reportDepth(), DEPTH_INTERVAL_MS);
    this.depthTimer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.depthTimer);
    this.close();
  }

  /** The link as it is now. */
  currentLink(): LinkEvent {
    const state = this.link.state;
    const { delivery, way, waiting: queued, noticeText: notice } = this.link;
    return { type: 'link', state, delivery, ...way, queued, ...(notice === undefined ? {} : { notice }) };
  }

  private reportLink(): void {
    const event = this.currentLink();
    this.lastQueued = event.queued;
    this.publish(event);
  }

  private reportDepth(): void {
    const moved = this.link.waiting !== this.lastQueued;
    if (moved && this.stats().clients > 0) this.reportLink();
  }
}
