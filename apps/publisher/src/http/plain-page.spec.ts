import type { TradeEvent } from '@app/contracts';
import { escapeHtml, renderPage } from './plain-page.js';

const trade = (qty: number): TradeEvent => ({ type: 'trade', side: 'buy', qty, ts: 0 });

describe('the page', () => {
  it('escapes all that could be markup', () => {
    expect(escapeHtml(`<a href="x" id='y'>&`)).toBe('&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;');
  });

  it('escapes what the link says', () => {
    const html = renderPage([], {
      type: 'link',
      state: '<b>',
      delivery: 'at-most-once',
      pair: 'push-pull',
      queued: 0,
      notice: '<script>',
    });
    expect(html).toContain('&lt;b&gt;');
    expect(html).toContain('&lt;script&gt;');
  });

  it('shows the newest trade first', () => {
    const html = renderPage([trade(111), trade(222)], {
      type: 'link',
      state: 'connected',
      delivery: 'at-most-once',
      pair: 'push-pull',
      queued: 0,
    });
    expect(html.indexOf('222')).toBeLessThan(html.indexOf('111'));
  });

  it('hides the notice while there is none', () => {
    const html = renderPage([], {
      type: 'link',
      state: 'connected',
      delivery: 'at-most-once',
      pair: 'push-pull',
      queued: 0,
    });
    expect(html).toContain('<p id="notice" role="status" hidden></p>');
  });
});
