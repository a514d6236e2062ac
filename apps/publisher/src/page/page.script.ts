/** What the page adds with JavaScript: it follows `/events`. Everything is set as text, never as markup. */
export const PAGE_SCRIPT = `'use strict';
(() => {
  const rows = document.getElementById('trades');
  const link = document.getElementById('link');
  const queued = document.getElementById('queued');
  const notice = document.getElementById('notice');
  const MAX_ROWS = 20;

  function showTrade(trade) {
    const row = document.createElement('tr');
    const time = new Date(trade.ts * 1000).toISOString();
    for (const value of [time, trade.side, trade.qty]) {
      row.appendChild(document.createElement('td')).textContent = String(value);
    }
    rows.prepend(row);
    while (rows.children.length > MAX_ROWS) rows.lastElementChild.remove();
  }

  function showLink(report) {
    link.textContent = report.state;
    queued.textContent = String(report.queued);
    const text = report.notice || '';
    if (notice.textContent !== text) notice.textContent = text;
    notice.hidden = text === '';
  }

  const source = new EventSource('/events');
  source.onmessage = (message) => {
    const items = JSON.parse(message.data);
    items.filter((item) => item.type === 'trade').slice(-MAX_ROWS).forEach(showTrade);
    const reports = items.filter((item) => item.type === 'link');
    if (reports.length > 0) showLink(reports[reports.length - 1]);
  };

  document.getElementById('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const answer = document.getElementById('answer');
    const body = new URLSearchParams(new FormData(event.target));
    try {
      const options = { method: 'POST', body, headers: { accept: 'application/json' } };
      const response = await fetch(event.submitter.getAttribute('formaction'), options);
      const result = await response.json();
      answer.textContent = response.ok ? 'Sent: ' + result.side + ' ' + result.qty : 'Refused: ' + result.detail;
    } catch (error) {
      answer.textContent = 'Not sent: the publisher cannot be reached (' + error.message + ')';
    }
  });
})();
`;
