import { ProgramScope } from '../testing/program.js';
import { scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { expectedTotals, type Trade, tradeMix } from './harness/trade-mix.js';
import { postAll, postTrade } from './harness/trade-poster.js';

const EARLY: Trade = { side: 'buy', qty: 1 };
const DROPS = 'trading_transport_drops_total{reason="no_subscriber"}';

describe('both apps, by ZMQ_PAIR alone', () => {
  const scope = new ProgramScope();
  afterEach(() => scope.dispose());

  // What becomes of a trade that is posted while no sidecar is there, and whether there is a way back to measure.
  it.each([
    { pair: 'push-pull', notice: 'wait in the outbox', waits: 1, dropped: 0, hasRoundTrip: false },
    { pair: 'pub-sub', notice: 'are dropped', waits: 0, dropped: 1, hasRoundTrip: false },
    { pair: 'dealer-router', notice: 'wait in the outbox', waits: 1, dropped: 0, hasRoundTrip: true },
  ])('$pair: say what becomes of early trades, and count all others', async (expected) => {
    const settings = { ZMQ_PAIR: expected.pair };
    const at = await chooseAddresses();
    const readPublisher = () => scrape(`${at.publisherUrl}/metrics`);
    await startPublisher(scope, at, settings);

    const answer = (await (await postTrade(at.publisherUrl, EARLY)).json()) as Record<string, unknown>;
    expect(answer['notice']).toContain(expected.notice);
    expect(answer['queued']).toBe(expected.waits);
    expect((await readPublisher()).get(DROPS)).toBe(expected.dropped);

    await startSidecar(scope, at, settings);
    await waitUntil('the link', async () => (await readPublisher()).get('trading_transport_link_up') === 1);
    const trades = tradeMix(300);
    expect(new Set(await postAll(at.publisherUrl, trades))).toEqual(new Set([202]));

    const all = [...Array.from({ length: expected.waits }, () => EARLY), ...trades];
    expect(await whenApplied(at.sidecarUrl, all.length)).toEqual(expectedTotals(all));
    const samples = await readPublisher();
    expect(samples.get('trading_transport_sent_total')).toBe(all.length);
    expect(samples.get(DROPS)).toBe(expected.dropped);
    expect(Number.isFinite(samples.get('trading_transport_round_trip_seconds'))).toBe(expected.hasRoundTrip);
  });
});
