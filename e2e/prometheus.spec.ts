import { ProgramScope } from '../testing/program.js';
import { whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { describeWith } from '../testing/installed.js';
import { startPrometheus } from '../testing/prometheus.js';
import { expectedTotals, tradeMix } from './harness/trade-mix.js';
import { postAll } from './harness/trade-poster.js';

const SCRAPE_INTERVAL_SECONDS = 1;

/** An instant query's results: side → value. */
async function queryBySide(prometheusUrl: string, query: string): Promise<Record<string, number>> {
  const answer = await fetch(`${prometheusUrl}/api/v1/query?query=${encodeURIComponent(query)}`);
  const body = (await answer.json()) as {
    data: { result: { metric: { side: string }; value: [number, string] }[] };
  };
  return Object.fromEntries(body.data.result.map(({ metric, value }) => [metric.side, Number(value[1])]));
}

describeWith('prometheus', 'posted trades in a real Prometheus', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;
  let prometheusUrl: string;

  beforeEach(async () => {
    at = await chooseAddresses();
    await startSidecar(scope, at);
    await startPublisher(scope, at);
    prometheusUrl = await startPrometheus(scope, at);
    await waitUntil(
      'the first scrape',
      async () => (await queryBySide(prometheusUrl, 'trades_total'))['buy'] === 0,
    );
  });
  afterEach(() => scope.dispose());

  it('answers a query with the exact totals within 1 s of the next scrape', async () => {
    const trades = tradeMix(500);
    const expected = expectedTotals(trades);
    await postAll(at.publisherUrl, trades);
    await whenApplied(at.sidecarUrl, trades.length);
    const appliedMs = performance.now();

    await waitUntil('the totals in Prometheus', async () => {
      const { buy = 0, sell = 0 } = await queryBySide(prometheusUrl, 'trades_total');
      return buy + sell >= trades.length;
    });

    expect((performance.now() - appliedMs) / 1000).toBeLessThan(SCRAPE_INTERVAL_SECONDS + 1);
    expect(await queryBySide(prometheusUrl, 'trades_total')).toEqual({
      buy: expected.buy,
      sell: expected.sell,
    });
    expect(await queryBySide(prometheusUrl, 'volume_total')).toEqual({
      buy: expected.buyVolume,
      sell: expected.sellVolume,
    });
  });
});

describeWith('prometheus', 'npm run infra:native', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  it('scrapes several sidecars when their addresses have commas between them', async () => {
    const { publisherUrl, sidecarUrl, zmqAddress } = await chooseAddresses();
    const another = zmqAddress.replace('tcp:', 'http:');
    const url = await startPrometheus(scope, { publisherUrl, sidecarUrl: `${sidecarUrl}, ${another}` });

    const query = encodeURIComponent('up{job="sidecar"}');
    const instances = await waitUntil('both targets', async () => {
      const answer = await fetch(`${url}/api/v1/query?query=${query}`);
      const { data } = (await answer.json()) as { data: { result: { metric: { instance: string } }[] } };
      return data.result.length === 2 && data.result.map(({ metric }) => `http://${metric.instance}`);
    });
    expect(instances.toSorted()).toEqual([sidecarUrl, another].toSorted());
  });
});
