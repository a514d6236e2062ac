import { ProgramScope } from '../testing/program.js';
import { scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { expectedTotals, tradeMix } from './harness/trade-mix.js';
import { postAll, postTrade } from './harness/trade-poster.js';

const POSTS = 2000;

describe('posted trades in the sidecar’s metrics', () => {
  const scope = new ProgramScope();
  let at: StackAddresses;

  beforeEach(async () => {
    at = await chooseAddresses();
    await startSidecar(scope, at);
    await startPublisher(scope, at);
  });
  afterEach(() => scope.dispose());

  it('shows both sides at 0 before the first trade', async () => {
    const samples = await scrape(`${at.sidecarUrl}/metrics`);

    expect(samples.get('trades_total{side="buy"}')).toBe(0);
    expect(samples.get('volume_total{side="sell"}')).toBe(0);
  });

  it(`counts ${POSTS} concurrent posts exactly, with the exact sums`, async () => {
    const trades = tradeMix(POSTS);

    const statuses = await postAll(at.publisherUrl, trades);

    expect(new Set(statuses)).toEqual(new Set([202]));
    expect(await whenApplied(at.sidecarUrl, POSTS)).toEqual(expectedTotals(trades));
  });

  it('dates the last trade within 2 s of the wall clock', async () => {
    await postTrade(at.publisherUrl, { side: 'buy', qty: 1 });
    await whenApplied(at.sidecarUrl, 1);

    const samples = await scrape(`${at.sidecarUrl}/metrics/`);

    const ageSeconds = Date.now() / 1000 - (samples.get('last_trade_ts_seconds') ?? 0);
    expect(Math.abs(ageSeconds)).toBeLessThan(2);
  });
});
