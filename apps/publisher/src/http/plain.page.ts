import { apiToken } from '@app/service-kit';
import type { TradeEvent } from '@app/contracts';
import { Injectable } from '@nestjs/common';
import { PublisherConfig } from '../config/publisher.config.js';
import { LinkReporter } from '../live/link.reporter.js';
import type { PublisherEvent } from '../live/publisher.event.js';
import { PublisherFeed } from '../live/live-feed.js';
import { renderPage } from './plain-page.js';

const SHOWN_TRADES = 20;
/** Looked through for trades; link reports stand between them. */
const SEARCHED_ITEMS = 200;

function isTradeEvent(event: PublisherEvent): event is TradeEvent {
  return event.type === 'trade';
}

/** A form and what became of it, complete without JavaScript. */
@Injectable()
export class PlainPage {
  private readonly needsToken: boolean;

  constructor(
    private readonly feed: PublisherFeed,
    private readonly reporter: LinkReporter,
    config: PublisherConfig,
  ) {
    this.needsToken = apiToken(config) !== undefined;
  }

  /** The document as it is true now. */
  render(): string {
    const trades = this.feed.latest(SEARCHED_ITEMS).filter(isTradeEvent).slice(-SHOWN_TRADES);
    return renderPage(trades, this.reporter.current(), this.needsToken);
  }
}
