import { Controller, Get, Header } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { TradeEvent } from '@app/contracts';
import { LinkReporter } from '../events/link.reporter.js';
import type { PublisherEvent } from '../events/publisher.event.js';
import { PublisherFeed } from '../events/publisher.feed.js';
import { PAGE_SCRIPT } from './page.script.js';
import { PAGE_STYLE } from './page.style.js';
import { renderPage } from './page.view.js';

const SHOWN_TRADES = 20;
/** Looked through for trades; link reports stand between them. */
const SEARCHED_ITEMS = 200;

function isTradeEvent(event: PublisherEvent): event is TradeEvent {
  return event.type === 'trade';
}

/** `GET /`: a form and what became of it, for people. */
@ApiExcludeController()
@Controller()
export class PageController {
  constructor(
    private readonly feed: PublisherFeed,
    private readonly reporter: LinkReporter,
  ) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  page(): string {
    const trades = this.feed.latest(SEARCHED_ITEMS).filter(isTradeEvent).slice(-SHOWN_TRADES);
    return renderPage(trades, this.reporter.current());
  }

  @Get('page/page.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  script(): string {
    return PAGE_SCRIPT;
  }

  @Get('page/page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return PAGE_STYLE;
  }
}
