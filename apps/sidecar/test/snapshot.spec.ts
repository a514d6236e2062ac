/** What the sidecar knows of the last minutes, and its counts with labels, over a restart with kept state. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { TRADE_PATTERN, type TradeEvent } from '@app/contracts';
import { JsonCodec, ZmqClient } from '@app/zmq-transport';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { register } from 'prom-client';
import { BurstinessMetric } from '../src/analytics/metrics/burstiness.metric.js';
import { VolumeBuckets } from '../src/analytics/metrics/flow.metric.js';
import { LatencyQuantileMetric } from '../src/analytics/metrics/latency-quantile.metric.js';
import { QtyQuantileMetric } from '../src/analytics/metrics/qty-quantile.metric.js';
import { PriceMetrics } from '../src/analytics/metrics/price.metric.js';
import { VolumeEwmaMetric } from '../src/analytics/metrics/volume-ewma.metric.js';
import { WindowMetrics } from '../src/analytics/metrics/window.metric.js';
import { MemoryReader, MemoryWriter, type TradeMetric } from '../src/analytics/trade.metric.js';
import { SidecarConfig } from '../src/config/sidecar.config.js';
import { openEnvironment, OWNER_KEY, SNAPSHOT_FILE } from '../src/counting/state/state-folder.js';
import { seal } from '../src/counting/state/state-record.js';
import { StateSaver } from '../src/counting/state/state-saver.js';
import { TradeState } from '../src/counting/state/trade-state.js';
import { SetClock } from './set-clock.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';
import { STREAM_START_SECONDS } from './trade-stream-arbitrary.js';

/** The metrics of one process, with its clock. */
class Process {
  readonly clock = new SetClock();
  private readonly windows: WindowMetrics;
  private readonly ewma: VolumeEwmaMetric;
  private readonly burstiness: BurstinessMetric;
  private readonly latency: LatencyQuantileMetric;
  private readonly quantities: QtyQuantileMetric;
  private readonly prices: PriceMetrics;
  private readonly buckets = new VolumeBuckets();
  private readonly metrics: readonly TradeMetric[];

  constructor(startSeconds: number) {
    register.clear();
    this.clock.moveTo(startSeconds);
    this.windows = new WindowMetrics(this.clock);
    this.ewma = new VolumeEwmaMetric(this.clock);
    this.burstiness = new BurstinessMetric(this.clock);
    this.latency = new LatencyQuantileMetric(this.clock);
    this.quantities = new QtyQuantileMetric(this.clock);
    this.prices = new PriceMetrics(this.clock, new SidecarConfig());
    this.metrics = [this.windows, this.ewma, this.burstiness, this.latency, this.quantities, this.prices];
  }

  apply(trades: readonly TradeEvent[], atSeconds: number): void {
    this.clock.moveTo(atSeconds);
    const receipt = { receivedAtSeconds: atSeconds, steadySeconds: this.clock.advance(atSeconds) };
    for (const metric of this.metrics) metric.apply(trades, receipt);
    for (const { side, qty } of trades) this.buckets.add(side === 'buy', qty);
  }

  remember(): MemoryWriter {
    const memory = new MemoryWriter(this.clock.now());
    for (const metric of this.metrics) metric.remember?.(memory);
    this.buckets.remember(memory);
    return memory;
  }

  recall({ numbers, texts }: MemoryWriter, gapSeconds: number): void {
    const memory = new MemoryReader(this.clock.now() - gapSeconds, Float64Array.from(numbers), texts);
    for (const metric of this.metrics) metric.recall?.(memory);
    this.buckets.recall(memory);
  }

  read(atSeconds: number): number[] {
    this.clock.moveTo(atSeconds);
    const windows = (['1m', '5m'] as const).flatMap((window) =>
      Object.values(this.windows.read(window)).flatMap((stats) => Object.values(stats) as number[]),
    );
    const vwaps = ['ETH', 'BTC'].flatMap((symbol) => [
      this.prices.vwap(symbol, '1m') ?? -1,
      this.prices.vwap(symbol, '5m') ?? -1,
    ]);
    const quantities = this.quantities.read('all');
    return [
      ...windows,
      ...Object.values(this.ewma.read()),
      ...Object.values(this.burstiness.read()),
      ...Object.values(this.latency.read()),
      quantities.count,
      quantities.quantile(0.9),
      ...vwaps,
      this.buckets.bucketVolume,
      this.buckets.read(),
    ];
  }
}

function isAlmost(value: number, other: number): boolean {
  return Object.is(value, other) || Math.abs(other - value) / Math.max(1, Math.abs(value)) < 1e-6;
}

const someTrade = fc.record({
  type: fc.constant('trade' as const),
  side: fc.constantFrom('buy' as const, 'sell' as const),
  qty: fc.double({ min: 0, max: 1000, noNaN: true }),
  ts: fc.constant(STREAM_START_SECONDS - 1),
  symbol: fc.constantFrom('ETH', 'BTC', null),
  price: fc.constantFrom(10, 20, null),
});
/** In quarters of a second: the buckets of both processes then begin at the same times. */
const gap = fc.oneof({ weight: 4, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(4000) });
const batches = fc.array(fc.record({ gap, trades: fc.array(someTrade, { minLength: 1, maxLength: 60 }) }), {
  maxLength: 40,
});

it('what is remembered makes the next process show what this one would show, at any later time', () => {
  fc.assert(
    fc.property(batches, batches, fc.nat(600), fc.nat(400), (early, late, downSeconds, laterSeconds) => {
      const before = new Process(STREAM_START_SECONDS);
      let seconds = STREAM_START_SECONDS;
      for (const { gap: quarters, trades } of early) before.apply(trades, (seconds += quarters / 4));
      const memory = before.remember();
      const after = new Process(Math.ceil(seconds) + downSeconds);
      after.recall(memory, Math.ceil(seconds) + downSeconds - seconds);
      seconds = Math.ceil(seconds) + downSeconds;
      for (const { gap: quarters, trades } of late) {
        before.apply(trades, (seconds += quarters / 4));
        after.apply(trades, seconds);
      }
      const shown = after.read(seconds + laterSeconds);
      const wrong = before
        .read(seconds + laterSeconds)
        .map((value, index) => [index, value, shown[index] ?? Number.NaN] as const)
        .filter(([, value, other]) => !isAlmost(value, other));
      expect(wrong).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

/** The same with another version, and the checksum of that. */
function withVersion(snapshot: Buffer, version: number): Buffer {
  snapshot.writeUInt32LE(version, 4);
  snapshot.writeUInt32LE(crc32(snapshot.subarray(4)), 0);
  return snapshot;
}

/** The same with another text, as long as that. */
function withText(snapshot: Buffer, text: string, other: string): Buffer {
  snapshot.write(other, snapshot.indexOf(text));
  return withVersion(snapshot, 1);
}

describe('a sidecar with kept state', () => {
  let folder: string;
  let sidecar: SidecarUnderTest | undefined;
  let warned: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sidecar-snapshot-'));
    warned = [];
    const take = (...args: unknown[]): void => void warned.push(String(args[0]));
    for (const level of ['warn', 'error'] as const)
      jest.spyOn(Logger.prototype, level).mockImplementation(take);
  });
  afterEach(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  async function start(settings: Partial<SidecarConfig> = {}): Promise<SidecarUnderTest> {
    sidecar = await startSidecar({ SIDECAR_STATE_DIR: folder, VPIN_BUCKET_VOLUME: 10, ...settings });
    return sidecar;
  }

  async function stop(): Promise<void> {
    await sidecar?.close();
    sidecar = undefined;
  }

  /** The samples of all metrics whose names match. */
  async function samples(names: RegExp): Promise<Record<string, number>> {
    const text = await (await fetch(`${sidecar?.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => names.test(line.split(/[{ ]/, 1)[0] ?? ''));
    return Object.fromEntries(
      lines.map((line) => {
        const blank = line.lastIndexOf(' ');
        return [line.slice(0, blank), Number(line.slice(blank + 1))];
      }),
    );
  }

  async function sendSome(): Promise<void> {
    const started = sidecar as SidecarUnderTest;
    const trades = Array.from({ length: 600 }, (_, n) =>
      trade({
        side: n % 3 ? 'buy' : 'sell',
        qty: n % 7,
        symbol: ['ETH', 'BTC', 'SOL'][n % 3],
        price: 10 + (n % 5),
      }),
    );
    const before = await started.metric('trading_window_trades{side="all",window="5m"}');
    await started.connect().send(JSON.stringify(trades));
    await until('the trades are applied', async () => {
      return (await started.metric('trading_window_trades{side="all",window="5m"}')) === before + 600;
    });
  }

  const EXACT =
    /^(trading_symbol.*|trading_last_price|trading_window_.*|trading_vpin|trading_volume_delta|trading_.*quantile.*|trading_(receive_latency|interarrival|stage_latency)_seconds_.*)$/;

  it('shows the same after a restart: symbols, prices, windows, quantiles, VPIN and histograms', async () => {
    await start();
    await sendSome();
    const before = await samples(EXACT);
    const [ewma] = Object.values(await samples(/^trading_volume_ewma$/));
    expect(Object.keys(before).length).toBeGreaterThan(100);
    expect(before.trading_vpin).toBeGreaterThan(0);
    await stop();

    const again = await start();
    expect(await samples(EXACT)).toEqual(before);
    const [ewmaNow] = Object.values(await samples(/^trading_volume_ewma$/));
    expect(ewmaNow).toBeLessThanOrEqual(ewma ?? 0);
    expect(ewmaNow).toBeGreaterThan((ewma ?? 0) / 2);
    expect(await again.metric('trading_snapshot_age_seconds')).toBeLessThan(60);
    expect(Object.values(await samples(/^trading_snapshots_discarded_total$/))).toEqual([0, 0, 0]);
    const health = (await (await fetch(`${again.url}/health`)).json()) as {
      details: { state: { snapshotAgeSeconds: number } };
    };
    expect(health.details.state.snapshotAgeSeconds).toBeLessThan(60);
    await sendSome();
    expect(await again.metric('trading_symbol_trades_total{symbol="ETH",side="sell"}')).toBe(400);
    expect(warned).toEqual([]);
  });

  /** Changes what the earlier process kept, as another program or a disk would. */
  function meddle(change: (snapshot: Buffer) => Buffer): void {
    const path = join(folder, SNAPSHOT_FILE);
    writeFileSync(path, change(readFileSync(path)));
  }

  it.each<[string, string, (snapshot: Buffer) => Buffer]>([
    ['with a changed byte', 'damaged', (snapshot) => snapshot.fill((snapshot[500] ?? 0) ^ 1, 500, 501)],
    ['that is empty', 'damaged', () => Buffer.alloc(0)],
    ['whose text is none', 'damaged', (snapshot) => withText(snapshot, '{"atSeconds"', '["atSeconds"')],
    ['with half a number', 'damaged', (snapshot) => withVersion(snapshot.subarray(0, -3), 1)],
    [
      'of trades that the counts lack',
      'ahead',
      (snapshot) => withText(snapshot, '"trades":600', '"trades":601'),
    ],
    ['of another version', 'version', (snapshot) => withVersion(snapshot, 2)],
  ])('counts on without a snapshot %s, says so and counts it', async (_, reason, change) => {
    await start();
    await sendSome();
    await stop();
    meddle(change);

    const again = await start();
    expect(await again.metric('trades_total{side="buy"}')).toBe(400);
    expect(await again.metric('trading_symbol_trades_total{symbol="ETH",side="sell"}')).toBe(200);
    expect(await again.metric('trading_window_trades{side="all",window="5m"}')).toBe(0);
    expect(await again.metric(`trading_snapshots_discarded_total{reason="${reason}"}`)).toBe(1);
    expect(await again.metric('trading_snapshot_age_seconds')).toBeNaN();
    expect(warned).toEqual([expect.stringMatching(/snapshot .*: these start empty, the counts continue/)]);
    await sendSome();
  });

  it('has after a kill in each count with labels exactly what is in the totals, and in the windows no more', async () => {
    const started = await start({ DELIVERY: 'acknowledged' });
    const client = new ZmqClient({
      pair: 'dealer-router',
      connect: started.server.boundAddresses,
      serializer: { serialize: ({ data }) => data as object },
      codec: new JsonCodec(),
      drainTimeoutMs: 0,
      delivery: { mode: 'acknowledged' },
    });
    await client.connect();
    for (let n = 0; n < 20; n += 1) {
      const { applied } = await client.deliver(TRADE_PATTERN, trade({ symbol: `S${n % 4}` }));
      await applied;
    }
    const killed = `${folder}-killed`;
    cpSync(folder, killed, { recursive: true });
    await client.close();
    await stop();
    const environment = openEnvironment(join(killed, 'state.mdb'));
    environment.putSync(OWNER_KEY, seal({ pid: process.pid, started: 'long ago', token: 'other' }));
    await environment.close();

    const again = await start({ SIDECAR_STATE_DIR: killed });
    const total = await again.metric('trades_total{side="buy"}');
    expect(total).toBe(20);
    const bySymbol = await samples(/^trading_symbol_trades_total$/);
    expect(Object.values(bySymbol).reduce((sum, count) => sum + count)).toBe(total);
    expect(await again.metric('trading_receive_latency_seconds_count')).toBe(total);
    expect(await again.metric('trading_window_trades{side="all",window="5m"}')).toBeLessThanOrEqual(total);
    await stop();
    rmSync(killed, { recursive: true });
  });

  it('keeps all trades in the sums by symbol when fewer symbols are allowed, however often it starts', async () => {
    await start();
    await sendSome();
    const sum = async (): Promise<number> =>
      Object.values(await samples(/^trading_symbol_trades_total$/)).reduce((total, count) => total + count);
    for (let starts = 0; starts < 3; starts += 1) {
      await stop();
      await start({ SYMBOLS_MAX: 2 });
      expect(await sum()).toBe(600);
      await sidecar?.app.get(StateSaver).save();
    }
    expect(Object.keys(await samples(/^trading_symbol_trades_total$/))).toHaveLength(6);
  });

  it('writes again what could not be written, unless it changed meanwhile', async () => {
    const started = await start();
    await sendSome();
    const state = started.app.get(TradeState);
    state.takeBatch({ producer: 'a', epoch: 'x', sequence: 1 });
    const change = state.takeChange();
    expect(change.rows.map(({ key }) => key)).toContain('ETH');
    state.giveBack(change);
    state.giveBack({ ...change, rows: [{ part: 'symbols', key: 'ETH', value: 'older' }] });
    const again = state.takeChange();
    expect(again.rows).toEqual(change.rows);
    expect(again.snapshot).toBe(change.snapshot);
    state.giveBack(again);
  });
});
