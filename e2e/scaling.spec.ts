import { ProgramScope } from '../testing/program.js';
import { type AppliedTrades, appliedTrades, scrape } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { expectedTotals, tradeMix } from './harness/trade-mix.js';
import { postAll } from './harness/trade-poster.js';

const POSTS = 900;
const SIDECARS = 3;

const countOf = ({ buy, sell }: AppliedTrades): number => buy + sell;

/** The counters of several sidecars, added up as Prometheus' `sum()` does. */
function sumOf(all: readonly AppliedTrades[]): AppliedTrades {
  const sum = (read: (applied: AppliedTrades) => number): number =>
    all.reduce((total, applied) => total + read(applied), 0);
  return {
    buy: sum(({ buy }) => buy),
    sell: sum(({ sell }) => sell),
    buyVolume: sum(({ buyVolume }) => buyVolume),
    sellVolume: sum(({ sellVolume }) => sellVolume),
  };
}

describe('three sidecars behind one publisher', () => {
  const scope = new ProgramScope();
  const trades = tradeMix(POSTS);
  let sidecars: StackAddresses[];
  let publisher: StackAddresses;

  afterEach(() => scope.dispose());

  async function start(pair: string): Promise<void> {
    const settings = { ZMQ_PAIR: pair };
    sidecars = await Promise.all(Array.from({ length: SIDECARS }, chooseAddresses));
    publisher = await chooseAddresses();
    await Promise.all(sidecars.map((at) => startSidecar(scope, at, settings)));
    const zmqAddress = sidecars.map((at) => at.zmqAddress).join(',');
    await startPublisher(scope, { ...publisher, zmqAddress }, settings);
    await waitUntil('all peers', async () => {
      const samples = await scrape(`${publisher.publisherUrl}/metrics`);
      return samples.get('trading_transport_peers') === SIDECARS;
    });
  }

  const readAll = (): Promise<AppliedTrades[]> =>
    Promise.all(sidecars.map(({ sidecarUrl }) => appliedTrades(sidecarUrl)));

  it.each(['push-pull', 'dealer-router'])('share the load on %s: their sums are exact', async (pair) => {
    await start(pair);

    expect(new Set(await postAll(publisher.publisherUrl, trades))).toEqual(new Set([202]));

    const all = await waitUntil('all trades', async () => {
      const applied = await readAll();
      return countOf(sumOf(applied)) >= POSTS && applied;
    });
    expect(sumOf(all)).toEqual(expectedTotals(trades));
    for (const applied of all) expect(countOf(applied)).toBeGreaterThan(POSTS / SIDECARS / 2);
  });

  it('each see all on pub-sub', async () => {
    await start('pub-sub');

    expect(new Set(await postAll(publisher.publisherUrl, trades))).toEqual(new Set([202]));

    const all = await waitUntil('all trades everywhere', async () => {
      const applied = await readAll();
      return applied.every((one) => countOf(one) >= POSTS) && applied;
    });
    expect(all).toEqual(Array.from({ length: SIDECARS }, () => expectedTotals(trades)));
    for (const { sidecarUrl } of sidecars) {
      const samples = await scrape(`${sidecarUrl}/metrics`);
      expect(samples.get('trading_transport_missed_total')).toBe(0);
    }
  });
});
