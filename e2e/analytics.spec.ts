import { spawnSync } from 'node:child_process';
import { ProgramScope } from '../testing/program.js';
import { appliedTrades, scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { describeWith } from '../testing/installed.js';
import { startPrometheus } from '../testing/prometheus.js';
import { postTrade } from './harness/trade-poster.js';

const TRADES_A_SECOND = 100;
const SECONDS_OF_TRADES = 6;
/** What `scripts/infra-native.mjs` scrapes at. */
const SCRAPE_INTERVAL_SECONDS = 1;

async function queryValue(prometheusUrl: string, query: string): Promise<number> {
  const answer = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  const body = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
  return Number(body.data.result[0]?.value[1]);
}

/** Posts trades at an even rate, and returns how many. */
async function postEvenly(publisherUrl: string): Promise<number> {
  const startMs = performance.now();
  let posted = 0;
  const due = (): number => Math.floor(((performance.now() - startMs) / 1000) * TRADES_A_SECOND);
  await waitUntil('all trades to be posted', async () => {
    for (; posted < due(); posted += 1) {
      const trade = { side: posted % 2 === 0 ? 'buy' : 'sell', qty: 1 } as const;
      await (await postTrade(publisherUrl, trade)).arrayBuffer();
    }
    return posted >= TRADES_A_SECOND * SECONDS_OF_TRADES;
  });
  return posted;
}

/** How many trades an app has measured in a stage. */
const stages = async (url: string, stage: string): Promise<number | undefined> =>
  (await scrape(`${url}/metrics`)).get(`trading_stage_latency_seconds_count{stage="${stage}"}`);

describeWith('prometheus', 'rolling windows in a real Prometheus', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;
  let prometheusUrl: string;

  beforeAll(async () => {
    at = await chooseAddresses();
    await startSidecar(scope, at);
    await startPublisher(scope, at);
    prometheusUrl = await startPrometheus(scope, at);
    await waitUntil('the first scrape', async () => {
      return (await queryValue(prometheusUrl, 'sum(trades_total)')) === 0;
    });
  });
  afterAll(() => scope.dispose());

  it('agree with increase() within what it extrapolates, and with the counters exactly', async () => {
    const posted = await postEvenly(at.publisherUrl);
    await whenApplied(at.sidecarUrl, posted);
    await waitUntil('Prometheus has all', async () => {
      return (await queryValue(prometheusUrl, 'sum(trades_total)')) === posted;
    });

    // Younger than the window, so that all trades are in it.
    const window = await queryValue(prometheusUrl, 'trading_window_trades{side="all",window="1m"}');
    const increase = await queryValue(prometheusUrl, 'sum(increase(trades_total[1m]))');
    expect(window).toBe(posted);
    // increase() extends the first and the last sample by up to 1.1 scrape intervals each at the rate between them. The
    // samples may begin with zeros before the trades and end after them, which only makes that rate smaller.
    const extrapolated = 2 * 1.1 * SCRAPE_INTERVAL_SECONDS * TRADES_A_SECOND;
    expect(increase).toBeGreaterThanOrEqual(posted - extrapolated);
    expect(increase).toBeLessThanOrEqual(posted + extrapolated);

    const volume = await queryValue(prometheusUrl, 'trading_window_volume{side="buy",window="5m"}');
    expect(volume).toBe(Math.ceil(posted / 2));
    const quantile = await queryValue(
      prometheusUrl,
      'trading_receive_latency_quantile_seconds{quantile="0.99"}',
    );
    expect(quantile).toBeGreaterThan(0);
  });

  it('come with stages of latency in both apps, and no metric that promtool finds fault with', async () => {
    const { buy, sell } = await appliedTrades(at.sidecarUrl);
    for (let count = 0; count < 20; count += 1) await postTrade(at.publisherUrl, { side: 'buy', qty: 2 });
    await whenApplied(at.sidecarUrl, buy + sell + 20);
    expect(await stages(at.publisherUrl, 'accepted_to_sent')).toBe(buy + sell + 20);
    expect(await stages(at.sidecarUrl, 'received_to_applied')).toBe(buy + sell + 20);

    for (const url of [at.publisherUrl, at.sidecarUrl]) {
      const input = await (await fetch(`${url}/metrics`)).text();
      const { status, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
      expect({ url, status, stderr }).toEqual({ url, status: 0, stderr: '' });
    }
  });
});
