import type { Browser, Page } from 'playwright-core';
import { Push } from 'zeromq';
import { ProgramScope } from '../testing/program.js';
import { type Samples, scrape, whenApplied } from '../testing/samples.js';
import { type StackAddresses } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { describeInBrowser, openPage, startDesk, untilConnected } from './harness/browser-desk.js';
import { tradeMix } from './harness/trade-mix.js';
import { postAll, postTrade } from './harness/trade-poster.js';

const POSTS = 40;
const WAY = 'emitted → received';
const REFUSED = 2;
/** One that cannot be read, and one batch of a good and two bad events. */
const badInputs = (ts: number): string[] => [
  'bad',
  JSON.stringify([
    { type: 'trade', side: 'buy', qty: 1, ts },
    { type: 'trade', side: 'buy', qty: -1, ts },
    { type: 'x' },
  ]),
];
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
/** As the page writes a figure that is read by its sign. */
const signed = (value: number): string =>
  `${value > 0 ? '+' : value < 0 ? '−' : ''}${Math.abs(value).toFixed(2)}`;
const bySide = (write: (side: string) => string): string[] => ['buy', 'sell'].map(write);

/** Each figure of a hop by its name, as it is written. */
type Figures = Record<string, string>;

/** The same number in the metrics of an app, added up over all labels. */
function sumOf(samples: Samples, name: string): number {
  let sum = 0;
  for (const [series, value] of samples) if (series === name || series.startsWith(`${name}{`)) sum += value;
  return sum;
}

/** What the metrics have counted by reason; only what is not 0. */
function reasonsOf(samples: Samples, name: string): Figures {
  const found = [...samples].flatMap(([series, value]) => {
    const reason = series.startsWith(`${name}{`) ? /reason="(\w+)"/.exec(series)?.[1] : undefined;
    return reason === undefined || value === 0 ? [] : [[reason, count(value)] as const];
  });
  return Object.fromEntries(found);
}

const count = (value: number): string => value.toLocaleString('en');

async function figuresOf(page: Page, hop: string): Promise<Figures> {
  const list = page.locator(`[data-hop="${hop}"] dl`);
  const [names, values] = [
    await list.locator('dt').allInnerTexts(),
    await list.locator('dd').allInnerTexts(),
  ];
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

/** The rows of a table: the text of each cell. */
async function rowsOf(page: Page, table: string): Promise<string[][]> {
  const rows = await page.locator(`${table} tr`).all();
  const cells = await Promise.all(rows.map((row) => row.locator('th, td').allInnerTexts()));
  return cells.map((row) => row.map((text) => text.replaceAll(/\s+/g, ' ')));
}

/** The time of day at which an app started, as the page writes it. */
function startOf(page: Page, samples: Samples): Promise<string> {
  const seconds = samples.get('process_start_time_seconds') ?? Number.NaN;
  return page.evaluate<string>(`new Date(${seconds * 1000}).toTimeString().slice(0, 8)`);
}

describeInBrowser('the figures on the page', () => {
  const scope = new ProgramScope();
  let browser: Browser;
  let at: StackAddresses;

  beforeAll(async () => {
    ({ browser, at } = await startDesk(scope, { SENT_TIME: 'true' }));
  });
  afterAll(async () => {
    await browser.close();
    await scope.dispose();
  });

  /** Trades that are applied, inputs that are rejected and posts that are refused; returns when all is counted. */
  async function trade(): Promise<void> {
    const before = await whenApplied(at.sidecarUrl, 0);
    await postAll(at.publisherUrl, tradeMix(POSTS));
    for (let refused = 0; refused < REFUSED; refused += 1)
      await (await postTrade(at.publisherUrl, { side: 'buy', qty: -1 })).arrayBuffer();
    const socket = new Push({ linger: 5000 });
    socket.connect(at.zmqAddress);
    for (const input of badInputs(Date.now() / 1000)) await socket.send(input);
    socket.close();
    await whenApplied(at.sidecarUrl, before.buy + before.sell + POSTS + 1);
  }

  it('are on the Pipeline those of /metrics, each with its app and since when it counts', async () => {
    const { page, complaints } = await openPage(browser, `${at.publisherUrl}/pipeline`);
    await untilConnected(page);
    await trade();

    const [publisher, sidecar] = await Promise.all([
      scrape(`${at.publisherUrl}/metrics`),
      scrape(`${at.sidecarUrl}/metrics`),
    ]);
    const expected: Record<string, Figures> = {
      Publisher: {
        accepted: count(sumOf(publisher, 'trading_publisher_accepted_total')),
        refused: count(sumOf(publisher, 'trading_publisher_refused_total')),
        ...reasonsOf(publisher, 'trading_publisher_refused_total'),
      },
      Outbox: {
        waiting: count(sumOf(publisher, 'trading_transport_queue_depth')),
        size: `${sumOf(publisher, 'trading_transport_queue_bytes')} B`,
        dropped: count(sumOf(publisher, 'trading_transport_drops_total')),
      },
      ZeroMQ: {
        sent: count(sumOf(publisher, 'trading_transport_sent_total')),
        reconnects: count(sumOf(publisher, 'trading_transport_reconnects_total')),
      },
      Sidecar: {
        received: count(sumOf(sidecar, 'trading_transport_received_total')),
        rejected: count(sumOf(sidecar, 'trading_events_rejected_total')),
        ...reasonsOf(sidecar, 'trading_events_rejected_total'),
      },
      Metrics: {
        trades: count(sumOf(sidecar, 'trades_total')),
        volume: count(sumOf(sidecar, 'volume_total')),
      },
    };
    expect(sumOf(publisher, 'trading_publisher_refused_total')).toBe(REFUSED);
    expect(expected['Sidecar']).toMatchObject({ malformed: '1', invalid_qty: '1', unknown_type: '1' });
    expect(sumOf(sidecar, 'trading_transport_received_total')).toBe(
      sumOf(sidecar, 'trades_total') + sumOf(sidecar, 'trading_events_rejected_total'),
    );

    await waitUntil('the page to read the same', async () => {
      const shown = await figuresOf(page, 'Metrics');
      return shown['trades'] === expected['Metrics']?.['trades'];
    });
    for (const [hop, figures] of Object.entries(expected))
      expect([hop, await figuresOf(page, hop)]).toEqual([hop, expect.objectContaining(figures)]);
    const [publisherStart, sidecarStart] = [await startOf(page, publisher), await startOf(page, sidecar)];
    for (const [hop, source] of [
      ['Publisher', `publisher, since ${publisherStart}`],
      ['ZeroMQ', `publisher, since ${publisherStart}`],
      ['Outbox', `publisher: now; dropped since ${publisherStart}`],
      ['Sidecar', `sidecar, since ${sidecarStart}`],
      ['Metrics', `sidecar, since ${sidecarStart}`],
      ['Page', 'this page, since it was opened'],
    ] as const)
      await page.locator(`[data-hop="${hop}"]`, { hasText: source }).waitFor();
    const rejected = `${count(sumOf(sidecar, 'trading_events_rejected_total'))} rejected by the sidecar since ${sidecarStart}`;
    await page.getByText(rejected).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('are on the Trade page those of /metrics: totals, rejected, both windows, last trade', async () => {
    const { page } = await openPage(browser, at.publisherUrl);
    await untilConnected(page);
    await trade();
    const sidecar = await scrape(`${at.sidecarUrl}/metrics`);
    const read = (name: string, labels: string): number => sidecar.get(`${name}{${labels}}`) ?? Number.NaN;
    const windowRow = (name: string, metric: string, window: string, write: (value: number) => string) => [
      name,
      ...bySide((side) => write(read(`trading_window_${metric}`, `side="${side}",window="${window}"`))),
    ];

    for (const [window, choice] of [
      ['1m', '1 min'],
      ['5m', '5 min'],
    ] as const) {
      await page.getByLabel('Window', { exact: true }).getByRole('radio', { name: choice }).click();
      const expected = [
        ['Trades', ...bySide((side) => count(read('trades_total', `side="${side}"`)))],
        ['Volume', ...bySide((side) => count(read('volume_total', `side="${side}"`)))],
        ['Rejected', count(sumOf(sidecar, 'trading_events_rejected_total'))],
        ['In the last', '1 min 5 min'],
        windowRow('Trades /s', 'trades', window, (value) =>
          short.format(value / (window === '1m' ? 60 : 300)),
        ),
        windowRow('Trades', 'trades', window, count),
        windowRow('Volume', 'volume', window, short.format),
        windowRow('Qty, mean', 'qty_mean', window, short.format),
        windowRow('Qty, std dev', 'qty_stddev', window, short.format),
        windowRow('Qty, max', 'qty_max', window, short.format),
        ['Imbalance', signed(read('trading_window_imbalance', `window="${window}"`))],
        ['Delta in all', short.format(sidecar.get('trading_volume_delta') ?? Number.NaN).replace('-', '−')],
        ['VPIN', '–'],
      ];
      expect(sidecar.get('trading_vpin')).toBeNaN();
      let shown: string[][] = [];
      await waitUntil('the tiles to read the same', async () => {
        shown = await rowsOf(page, 'section:has-text("Counted by the sidecar") table');
        return JSON.stringify(shown.slice(1)) === JSON.stringify(expected);
      }).catch(() => undefined);
      expect(shown.slice(1)).toEqual(expected);
      expect(shown[0]?.[0]).toBe(`Since ${await startOf(page, sidecar)}`);
    }
    const headline = (key: string): Promise<string> =>
      page.locator(`[data-headline=${key}] dd`).first().innerText();
    expect(await headline('volume')).toBe(
      short.format(read('trading_window_volume', 'side="all",window="1m"')),
    );
    expect(await headline('imbalance')).toBe(signed(read('trading_window_imbalance', 'window="1m"')));
    expect(await headline('rejected')).toBe(count(sumOf(sidecar, 'trading_events_rejected_total')));
    expect(await headline('waiting')).toBe('0');
    const last = sidecar.get('last_trade_ts_seconds') ?? Number.NaN;
    const clock = await page.evaluate<string>(`new Date(${last * 1000}).toTimeString().slice(0, 8)`);
    await page.getByTestId('last-trade').filter({ hasText: clock }).waitFor();
    await page.context().close();
  });

  it('compare on the Latency page each stage with the whole over the same time and the same trades: the way to the sidecar is not slower', async () => {
    const { page } = await openPage(browser, `${at.publisherUrl}/latency`);
    await untilConnected(page);
    const rowsOfWay = async () =>
      (await rowsOf(page, '[data-testid=quantiles]')).filter(([name]) => name === WAY);
    await waitUntil('the page to read the metrics for some time', async () =>
      /[1-9]/.test((await rowsOfWay()).at(-1)?.[2] ?? ''),
    );
    // Only what the publisher sends: a trade of another program does not say when it was sent.
    const before = await whenApplied(at.sidecarUrl, 0);
    await postAll(at.publisherUrl, tradeMix(POSTS));
    await whenApplied(at.sidecarUrl, before.buy + before.sell + POSTS);
    const sidecar = await scrape(`${at.sidecarUrl}/metrics`);
    const all = count(sidecar.get('trading_receive_latency_seconds_count') ?? Number.NaN);

    const parts = ['accepted → sent', 'sent → received'];
    const rows = await waitUntil('all rows to count the same trades', async () => {
      const shown = await rowsOf(page, '[data-testid=quantiles]');
      const counts = (name: string) => shown.filter((row) => row[0] === name).map((row) => row.at(-1));
      const isRead = parts.every((part) => counts(part)[0] === String(POSTS));
      return isRead && String(counts(WAY)) === String([all, POSTS]) && shown;
    });
    const [exact, whole = []] = rows.filter(([name]) => name === WAY);
    expect(exact?.slice(1, 3)).toEqual(['sidecar', '1 min']);
    for (const part of parts) {
      const [, app, span, ...percentiles] = rows.find(([name]) => name === part) ?? [];
      expect(app).toBe(part === 'accepted → sent' ? 'publisher' : 'sidecar');
      expect(span).toBe(whole[2]);
      // The publisher times a flush from its first event: the way to the sidecar is timed for each.
      if (app !== 'sidecar') continue;
      for (const [index, text] of percentiles.slice(0, 4).entries())
        expect(secondsOf(text)).toBeLessThanOrEqual(secondsOf(whole[index + 3]));
    }
    await page.context().close();
  });
});

/** Reads a duration as the page writes it. */
function secondsOf(text = ''): number {
  const [value, unit = ''] = text.split(' ');
  return Number(value) * ({ µs: 1e-6, ms: 1e-3, s: 1 }[unit] ?? Number.NaN);
}
