import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, ProgramScope } from '../testing/program.js';
import { appliedTrades, scrape, whenApplied } from '../testing/samples.js';
import { chooseAddresses, type StackAddresses, startPublisher, startSidecar } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';
import { tradeMix } from './harness/trade-mix.js';
import { postAll } from './harness/trade-poster.js';

describe('both apps with DELIVERY=durable and kept state', () => {
  const scope = new ProgramScope();
  let folder: string;
  let at: StackAddresses;
  let settings: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'delivery-'));
    at = await chooseAddresses();
    settings = {
      DELIVERY: 'durable',
      SPOOL_DIR: join(folder, 'spool'),
      SIDECAR_STATE_DIR: join(folder, 'state'),
      DRAIN_TIMEOUT_MS: '500',
    };
  });
  afterAll(async () => {
    await scope.dispose();
    await rm(folder, { recursive: true });
  });

  const postAndWait = (): Promise<Response> =>
    fetch(`${at.publisherUrl}/trade/buy?wait=applied`, { method: 'POST' });
  const publisherMetric = async (name: string): Promise<number> =>
    (await scrape(`${at.publisherUrl}/metrics`)).get(name) ?? Number.NaN;

  /** Posts, one after the other, until told to end; every one must be taken. */
  function keepPosting(): () => Promise<number> {
    const ending = new AbortController();
    const posting = (async () => {
      let taken = 0;
      while (!ending.signal.aborted) {
        const statuses = await postAll(at.publisherUrl, tradeMix(32), 8);
        expect(new Set(statuses)).toEqual(new Set([202]));
        taken += statuses.length;
      }
      return taken;
    })();
    return () => {
      ending.abort();
      return posting;
    };
  }

  it('count every trade that was answered with 202 once, whichever of them is killed', async () => {
    let publisher = await startPublisher(scope, at, { ...settings, APPLIED_TIMEOUT_MS: '200' });
    expect(new Set(await postAll(at.publisherUrl, tradeMix(100)))).toEqual(new Set([202]));
    const late = await postAndWait();
    const problem = (await late.json()) as { status: number; eventId: string; detail: string };
    expect(problem).toMatchObject({ status: 504, detail: expect.stringContaining('still arrives') });
    expect(late.headers.get('trading-event-id')).toBe(problem.eventId);
    let taken = 101;

    await publisher.stop('SIGKILL');
    publisher = await startPublisher(scope, at, settings);
    expect(await publisherMetric('trading_spool_events')).toBe(taken);
    let sidecar: Program = await startSidecar(scope, at, settings);
    await whenApplied(at.sidecarUrl, taken);

    const stopPosting = keepPosting();
    await waitUntil('more to be counted', async () => {
      const { buy, sell } = await appliedTrades(at.sidecarUrl);
      return buy + sell > taken;
    });
    await sidecar.stop('SIGKILL');
    sidecar = await startSidecar(scope, at, settings);
    taken += await stopPosting();

    const applied = await postAndWait();
    expect(applied.status).toBe(202);
    expect(applied.headers.get('trading-event-id')).toMatch(/-\d+$/);
    taken += 1;
    const { buy, sell } = await appliedTrades(at.sidecarUrl);
    expect(buy + sell).toBe(taken);
    expect(await publisherMetric('trading_spool_events')).toBe(0);

    await sidecar.stop();
    await postAll(at.publisherUrl, tradeMix(10));
    const stopped = publisher.stop();
    await publisher.waitForOutput(
      /publisher drained: .* at the stop queued=10, of which delivered=0, dropped=0, kept=10/,
    );
    expect(await stopped).toEqual({ code: 0, signal: null });
  });

  it('do not start a second publisher on the same spool, nor on sockets that cannot acknowledge', async () => {
    const first = await startPublisher(scope, await chooseAddresses(), settings);
    const start = (more: Record<string, string>): Program =>
      scope.start(process.execPath, ['dist/apps/publisher/apps/publisher/src/main.js'], {
        ...settings,
        PORT: '0',
        ...more,
      });
    const second = start({});
    expect(await second.exited).toEqual({ code: 78, signal: null });
    expect(second.stderr).toMatch(/^ {2}SPOOL_DIR: .*$/m);
    expect(second.stderr).not.toMatch(/^ +at /m);
    const contradicting = start({ ZMQ_PAIR: 'push-pull', WEBAPP_ZMQ_ADDR: 'tcp://a:1,tcp://b:2' });
    expect(await contradicting.exited).toEqual({ code: 78, signal: null });
    expect(contradicting.stderr).toMatch(/WEBAPP_ZMQ_ADDR: .*exactly one[^]*ZMQ_PAIR: .*dealer-router/);
    await first.stop('SIGKILL');
  });
});
