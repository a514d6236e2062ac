import { spawnSync } from 'node:child_process';
import { METRICS } from '@app/contracts';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

const OPEN = { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' };
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const describeWithPromtool = hasPromtool ? describe : describe.skip;
const unless = hasPromtool ? '' : ' (skipped: promtool is not installed: apt-get install prometheus)';

/** The names and labels of our own samples, in their order. */
const samplesOf = (text: string): string[] =>
  text.split('\n').flatMap((line) => (/^(trad|volume|last)[^ ]+/.exec(line) ?? []).slice(0, 1));

describe('GET /metrics of the sidecar', () => {
  let sidecar: SidecarUnderTest;

  beforeEach(async () => {
    sidecar = await startSidecar();
    await sidecar.connect().send(JSON.stringify([trade({ qty: 2 }), trade({ side: 'sell', qty: 5 })]));
    await until(
      'the trades are applied',
      async () => (await sidecar.metric('trades_total{side="sell"}')) === 1,
    );
  });

  afterEach(() => sidecar.close());

  describeWithPromtool(`checked by promtool${unless}`, () => {
    it('has no fault that promtool check metrics knows of', async () => {
      const input = await (await fetch(`${sidecar.url}/metrics`)).text();
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
        input,
        encoding: 'utf8',
      });
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
    });
  });

  it('has the same samples as OpenMetrics, when asked for, under the same names', async () => {
    const open = await fetch(`${sidecar.url}/metrics/`, { headers: OPEN });
    expect(open.headers.get('content-type')).toBe(
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    );
    const openText = await open.text();
    const plainText = await (await fetch(`${sidecar.url}/metrics/`)).text();
    expect(openText).toContain('# TYPE trades counter\n');
    expect(plainText).toContain('# TYPE trades_total counter\n');
    expect(samplesOf(openText)).toEqual(samplesOf(plainText));
    expect(samplesOf(plainText)).toContain('trades_total{side="buy"}');
  });

  it('has each series of the analysis from the start, with NaN for what is not known', async () => {
    for (const side of ['buy', 'sell', 'all']) {
      for (const window of ['1m', '5m']) {
        expect(await sidecar.metric(`trading_window_trades{side="${side}",window="${window}"}`)).toBe(
          side === 'all' ? 2 : 1,
        );
      }
      expect(await sidecar.metric(`trading_volume_ewma{side="${side}"}`)).toBeGreaterThan(0);
    }
    expect(await sidecar.metric('trading_window_qty_mean{side="all",window="1m"}')).toBe(3.5);
    expect(await sidecar.metric('trading_window_qty_stddev{side="all",window="5m"}')).toBe(1.5);
    expect(await sidecar.metric('trading_window_qty_max{side="all",window="5m"}')).toBe(5);
    expect(
      await sidecar.metric('trading_receive_latency_quantile_seconds{quantile="0.999"}'),
    ).toBeGreaterThan(0);
    expect(await sidecar.metric('trading_stage_latency_seconds_count{stage="received_to_applied"}')).toBe(2);
    const text = await (await fetch(`${sidecar.url}/metrics`)).text();
    expect(text).toContain('\ntrading_burstiness{window="1m"} NaN\n');
  });

  it('keeps every counter of the catalogue to the suffix _total, which OpenMetrics wants', async () => {
    const text = await (await fetch(`${sidecar.url}/metrics`)).text();
    const counters = [...text.matchAll(/^# TYPE (\S+) counter$/gm)].map(([, name]) => name ?? '');
    expect(counters.filter((name) => !name.endsWith('_total'))).toEqual([]);
    expect(counters).toContain(METRICS.eventsRejected.name);
  });
});
