import type { TradeEvent } from '@app/contracts';
import { apiToken } from '@app/service-kit';
import { Controller, Get, Header, Injectable } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { PublisherConfig } from '../config/publisher.config.js';
import { type LinkEvent, type LiveEvent, LiveFeed } from '../live/live-feed.js';

const SHOWN_TRADES = 20;
/** How many items of the feed are searched for trades; link reports are among them. */
const SEARCHED_ITEMS = 200;

/** The page's style; no meaning depends on colour alone. */
const PAGE_STYLE = `:root { color-scheme: light dark; font-family: system-ui, sans-serif; line-height: 1.5; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
form { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: end; }
label { display: grid; gap: 0.25rem; }
input, button { font: inherit; min-height: 2.5rem; padding: 0.25rem 1rem; }
#notice { border-left: 0.4rem solid #b45309; padding: 0.5rem 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 0.25rem 0.5rem; border-bottom: 1px solid #8886; font-variant-numeric: tabular-nums; }
`;

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Makes any value safe as text and inside quoted attributes. */
export function escapeHtml(value: unknown): string {
  return String(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function toRow({ ts, side, qty }: TradeEvent): string {
  const cells = [new Date(ts * 1000).toISOString(), side, qty];
  return `<tr>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('')}</tr>`;
}

const FORM = `<form method="post" action="trade/buy">
<label>Quantity <input name="qty" type="number" min="0" step="any" value="1" required></label>
<button formaction="trade/buy">Buy</button>
<button formaction="trade/sell">Sell</button>
</form>`;

/** Shown instead of the form, which cannot send a token. */
const NO_FORM = `<p>Trades need a token here, which a form without JavaScript cannot send.
Use the <a href="./">live page</a>, or post with <code>Authorization: Bearer</code>.</p>`;

/**
 * The plain page.
 *
 * @param trades oldest first; the page shows the newest first
 * @param needsToken posts without a token are refused
 */
export function renderPage(trades: TradeEvent[], link: LinkEvent, needsToken = false): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trading telemetry</title>
<link rel="stylesheet" href="plain/page.css">
</head>
<body>
<h1>Trading telemetry</h1>
<p>This page works without JavaScript. It shows the state at the moment it was loaded.
<a href="plain">Load again</a> · <a href="./">live page</a></p>
<p id="notice" role="status"${link.notice === undefined ? ' hidden' : ''}>${escapeHtml(link.notice ?? '')}</p>
${needsToken ? NO_FORM : FORM}
<p>Link to the ${link.stream === undefined ? 'sidecar' : 'broker'}: <strong>${escapeHtml(link.state)}</strong>.
Events waiting: <strong>${escapeHtml(link.queued)}</strong>.</p>
<h2>Recently emitted</h2>
<table>
<thead><tr><th scope="col">Time (UTC)</th><th scope="col">Side</th><th scope="col">Quantity</th></tr></thead>
<tbody>${trades.toReversed().map(toRow).join('')}</tbody>
</table>
<p><a href="docs">HTTP interface</a> · <a href="health">Health</a> · <a href="metrics">Metrics</a></p>
</body>
</html>
`;
}

function isTradeEvent(event: LiveEvent): event is TradeEvent {
  return event.type === 'trade';
}

/** A form and the trades it has posted, complete without JavaScript. */
@Injectable()
export class PlainPage {
  private readonly needsToken: boolean;

  constructor(
    private readonly feed: LiveFeed,
    config: PublisherConfig,
  ) {
    this.needsToken = apiToken(config) !== undefined;
  }

  /** The document as of now. */
  render(): string {
    const trades = this.feed.latest(SEARCHED_ITEMS).filter(isTradeEvent).slice(-SHOWN_TRADES);
    return renderPage(trades, this.feed.currentLink(), this.needsToken);
  }
}

/** `GET /plain`: the page for browsers without JavaScript. */
@ApiExcludeController()
@Controller('plain')
export class PlainController {
  constructor(private readonly page: PlainPage) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  document(): string {
    return this.page.render();
  }

  @Get('page.css')
  @Header('content-type', 'text/css; charset=utf-8')
  style(): string {
    return PAGE_STYLE;
  }
}
