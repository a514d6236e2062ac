import type { TradeEvent } from '@app/contracts';
import type { LinkEvent } from '../live/publisher.event.js';

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

/** A form cannot carry a token: nothing of it would be taken. */
const NO_FORM = `<p>Trades need a token here, which a form without JavaScript cannot send.
Use the <a href="./">live page</a>, or post with <code>Authorization: Bearer</code>.</p>`;

/** The plain page. `trades` is oldest first; the page shows the newest first. `needsToken`: posts are refused without one. */
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
<p>This is the page without JavaScript: it shows what was true when it was loaded.
<a href="plain">Load again</a> · <a href="./">live page</a></p>
<p id="notice" role="status"${link.notice === undefined ? ' hidden' : ''}>${escapeHtml(link.notice ?? '')}</p>
${needsToken ? NO_FORM : FORM}
<p>Link to the sidecar: <strong>${escapeHtml(link.state)}</strong>.
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
