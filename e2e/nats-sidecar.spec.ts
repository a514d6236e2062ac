import { describeWith } from '../testing/installed.js';
import { NatsProgram, NatsServer } from '../testing/nats.js';
import { type Program, ProgramScope } from '../testing/program.js';
import { appliedTrades, type AppliedTrades, scrape, whenApplied } from '../testing/samples.js';
import { type AppSettings, chooseAddresses, startApp, untilHealthy } from '../testing/stack.js';
import { waitUntil } from '../testing/wait.js';

const PARTITIONS = 4;

/** Trade `n`: by its count and its quantity, one lost and one doubled trade are told apart. */
const tradeOf = (n: number): object => ({ type: 'trade', side: n % 2 === 0 ? 'sell' : 'buy', qty: n, ts: n });

/** What the trades from 1 to `count` come to. */
function totalsTo(count: number): AppliedTrades {
  const [sell, buy] = [Math.floor(count / 2), Math.ceil(count / 2)];
  return { buy, sell, buyVolume: buy * buy, sellVolume: sell * (sell + 1) };
}

interface Sidecar {
  readonly program: Program;
  readonly url: string;
}

const rejectedBy = async ({ url }: Sidecar): Promise<Record<string, number>> =>
  Object.fromEntries(
    [...(await scrape(`${url}/metrics`))].flatMap(([key, value]) => {
      const [, reason] = /^trading_events_rejected_total\{reason="(\w+)"\}$/.exec(key) ?? [];
      return reason !== undefined && value > 0 ? [[reason, value]] : [];
    }),
  );
const readiness = async ({ url }: Sidecar): Promise<string> => (await fetch(`${url}/health`)).text();

describeWith('nats-server', 'the built sidecar behind a broker', () => {
  let scope: ProgramScope;
  let broker: NatsServer;
  let program: NatsProgram;

  beforeEach(async () => {
    scope = new ProgramScope();
    broker = await NatsServer.start();
    program = await NatsProgram.connect(broker.url);
  });
  afterEach(async () => {
    await scope.dispose();
    await program.close();
    await broker.dispose();
  });

  async function start(settings: AppSettings = {}): Promise<Sidecar> {
    const { sidecarPort, sidecarUrl } = await chooseAddresses();
    const started = startApp(scope, 'sidecar', {
      PORT: String(sidecarPort),
      NATS_URL: broker.url,
      NATS_PARTITIONS: String(PARTITIONS),
      HTTP_RATE_LIMIT: '0',
      ...settings,
    });
    await untilHealthy(started, sidecarUrl);
    return { program: started, url: sidecarUrl };
  }

  /** Publishes the trades from `first` to `last` over all partitions, 50 in a message. */
  async function publish(first: number, last: number): Promise<void> {
    for (let n = first; n <= last; n += 50) {
      const trades = Array.from({ length: Math.min(50, last - n + 1) }, (_, index) => tradeOf(n + index));
      await program.publish(`trades.${Math.floor(n / 50) % PARTITIONS}`, trades);
    }
  }

  it('counts what any program publishes, rejects the rest once, and goes on exactly after a kill', async () => {
    const first = await start();
    await program.publish('trades.3', tradeOf(1));
    await program.publish('trades.0', [tradeOf(2), { ...tradeOf(9), qty: -1 }, { ...tradeOf(9), type: 'x' }]);
    await program.publish('trades.1', 'this is not JSON');
    expect(await whenApplied(first.url, 2)).toEqual(totalsTo(2));
    await waitUntil('the rejections', async () => Object.keys(await rejectedBy(first)).length === 3);
    expect(await rejectedBy(first)).toEqual({ malformed: 1, invalid_qty: 1, unknown_type: 1 });

    const publishing = publish(3, 10_000);
    await whenApplied(first.url, 1000);
    await first.program.kill();
    await publishing;
    const second = await start();
    expect(await whenApplied(second.url, 10_000)).toEqual(totalsTo(10_000));
    expect(await rejectedBy(second)).toEqual({});

    await second.program.stop();
    expect(second.program.output).toMatch(/sidecar drained: .* trades_total buy=5000 sell=5000/);
  });

  it('shares the partitions, and whose partitions were taken over says by whom and shows nothing', async () => {
    const [even, odd] = await Promise.all([
      start({ SIDECAR_SHARD: '0/2' }),
      start({ SIDECAR_SHARD: 'sidecar-1/2' }),
    ]);
    await publish(1, 1000);
    const total = async (): Promise<AppliedTrades> => {
      const parts = await Promise.all([even, odd].map(({ url }) => appliedTrades(url)));
      const sum = (figure: keyof AppliedTrades): number => parts.reduce((all, one) => all + one[figure], 0);
      return {
        buy: sum('buy'),
        sell: sum('sell'),
        buyVolume: sum('buyVolume'),
        sellVolume: sum('sellVolume'),
      };
    };
    await waitUntil('all trades', async () => (await total()).buy + (await total()).sell >= 1000);
    expect(await total()).toEqual(totalsTo(1000));

    const before = await appliedTrades(even.url);
    const successor = await start({ SIDECAR_SHARD: '0/2' });
    expect(await appliedTrades(successor.url)).toEqual(before);
    // Its next commit tells the former owner.
    await publish(1001, 1200);
    const named = new RegExp(`another process counts partition 0, 2: \\S+/${successor.program.pid}/`);
    await waitUntil('its health', async () => named.test(await readiness(even)));
    expect((await fetch(`${even.url}/health`)).status).toBe(503);
    expect((await fetch(`${even.url}/health/live`)).status).toBe(200);
    const samples = [...(await scrape(`${even.url}/metrics`)).keys()];
    expect(samples.filter((key) => key.includes('partition="0"'))).toEqual([]);
  });

  it('does not start with a broker that cannot serve it, and names the setting', async () => {
    const other = await NatsServer.start({ jetstream: false });
    try {
      const sidecar = startApp(scope, 'sidecar', { PORT: '0', NATS_URL: other.url });
      expect(await sidecar.exited).toEqual({ code: 78, signal: null });
      expect(sidecar.stderr).toContain('NATS_URL: the NATS server has no JetStream: start it with -js');
    } finally {
      await other.dispose();
    }
  });
});
