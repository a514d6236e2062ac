import { METRICS, type TradeEvent } from '@app/contracts';
import { BucketHistogram } from '@app/service-kit';
import { Logger } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { ArrivalTimes } from './arrival-times.js';
import { TradeRecorder } from './trade-recorder.js';

function build(): { registry: Registry; recorder: TradeRecorder } {
  const registry = new Registry();
  const registers = [registry];
  const arrivals = new ArrivalTimes(
    new BucketHistogram(METRICS.receiveLatency, registers),
    new BucketHistogram(METRICS.interarrival, registers),
    new Counter({ ...METRICS.clockSkew, registers }),
  );
  const recorder = new TradeRecorder(
    new Counter({ ...METRICS.tradesTotal, registers }),
    new Counter({ ...METRICS.volumeTotal, registers }),
    new Gauge({ ...METRICS.lastTradeTimestamp, registers }),
    arrivals,
  );
  return { registry, recorder };
}

const buy = (changes: Partial<TradeEvent> = {}): TradeEvent => ({
  type: 'trade',
  side: 'buy',
  qty: 1,
  ts: 100,
  ...changes,
});

async function sampleOf(registry: Registry, text: string): Promise<number> {
  const line = (await registry.metrics()).split('\n').find((candidate) => candidate.startsWith(`${text} `));
  return Number(line?.slice(text.length + 1));
}

describe('TradeRecorder', () => {
  it('keeps its totals and the Prometheus counters equal to the last bit', async () => {
    const { registry, recorder } = build();
    for (let count = 0; count < 1000; count += 1) recorder.record(buy({ qty: 0.1 }), 101);
    const { trades, volume } = recorder.totals().buy;
    expect(trades).toBe(1000);
    expect(await sampleOf(registry, 'trades_total{side="buy"}')).toBe(trades);
    expect(await sampleOf(registry, 'volume_total{side="buy"}')).toBe(volume);
    expect(await sampleOf(registry, 'trades_total{side="sell"}')).toBe(0);
  });

  it('sets the time of the trade applied last, also when time steps back', async () => {
    const { registry, recorder } = build();
    recorder.record(buy({ ts: 200 }), 201);
    recorder.record(buy({ ts: 150.5 }), 202);
    expect(await sampleOf(registry, 'last_trade_ts_seconds')).toBe(150.5);
  });

  it('observes latency and distance between receipts, and counts clock skew instead of a negative latency', async () => {
    const { registry, recorder } = build();
    recorder.record(buy({ ts: 100 }), 100.5);
    recorder.record(buy({ ts: 101 }), 101.25);
    recorder.record(buy({ ts: 103 }), 102);
    expect(await sampleOf(registry, 'trading_receive_latency_seconds_sum')).toBe(0.75);
    expect(await sampleOf(registry, 'trading_receive_latency_seconds_count')).toBe(2);
    expect(await sampleOf(registry, 'trading_clock_skew_total')).toBe(1);
    expect(await sampleOf(registry, 'trading_interarrival_seconds_sum')).toBe(1.5);
    expect(await sampleOf(registry, 'trading_interarrival_seconds_count')).toBe(2);
  });

  it('refuses a volume that would not be finite, with nothing changed and nobody told', async () => {
    const { registry, recorder } = build();
    recorder.record(buy({ qty: Number.MAX_VALUE, ts: 1 }), 2);
    recorder.endBatch();
    const before = await registry.metrics();
    const told: TradeEvent[] = [];
    recorder.onApplied((trades) => told.push(...trades));

    expect(() => recorder.record(buy({ qty: Number.MAX_VALUE, ts: 5 }), 6)).toThrow(
      expect.objectContaining({ code: 'ERR_EVENT_REJECTED', reason: 'volume_overflow' }),
    );
    recorder.endBatch();
    expect(await registry.metrics()).toBe(before);
    expect(told).toEqual([]);
  });

  it('tells listeners of each trade applied, once a batch, with the time of their receipt', () => {
    const { recorder } = build();
    const told: unknown[] = [];
    recorder.onApplied((trades, receivedAtSeconds) =>
      told.push([trades.map(({ qty }) => qty), receivedAtSeconds]),
    );
    recorder.record(buy({ qty: 3 }), 101);
    recorder.record(buy({ qty: 0 }), 101);
    expect(told).toEqual([]);
    recorder.endBatch();
    recorder.endBatch();
    expect(told).toEqual([[[3, 0], 101]]);
    // Whoever forgets to end a batch does not have its trades told with the time of others.
    recorder.record(buy({ qty: 4 }), 102);
    recorder.record(buy({ qty: 5 }), 103);
    recorder.endBatch();
    expect(told).toEqual([
      [[3, 0], 101],
      [[4], 102],
      [[5], 103],
    ]);
  });

  it('counts a trade once though a listener fails at it, and tells that one no more', () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    const { recorder } = build();
    const failing = jest.fn(() => {
      throw new Error('boom');
    });
    const told: number[] = [];
    recorder.onApplied(failing);
    recorder.onApplied((trades) => told.push(...trades.map(({ qty }) => qty)));
    recorder.record(buy({ qty: 1 }), 101);
    recorder.endBatch();
    recorder.record(buy({ qty: 2 }), 102);
    recorder.endBatch();
    expect(recorder.totals().buy).toMatchObject({ trades: 2, volume: 3 });
    expect([failing.mock.calls.length, told, logged.mock.calls.length]).toEqual([1, [1, 2], 1]);
    logged.mockRestore();
  });

  it('goes on from what an earlier process counted, to the last bit', async () => {
    const { registry, recorder } = build();
    const earlier = {
      sides: { buy: { trades: 3, volume: 0.1 + 0.2 }, sell: { trades: 0, volume: 0 } },
      lastTradeSeconds: 99.5,
      clockSkew: 2,
    };
    recorder.restore(earlier);
    expect(recorder.capture()).toEqual(earlier);
    expect(await sampleOf(registry, 'last_trade_ts_seconds')).toBe(99.5);
    recorder.record(buy({ qty: 0.3, ts: 200 }), 101);
    expect(await sampleOf(registry, 'trades_total{side="buy"}')).toBe(4);
    expect(await sampleOf(registry, 'volume_total{side="buy"}')).toBe(0.1 + 0.2 + 0.3);
    expect(await sampleOf(registry, 'trading_clock_skew_total')).toBe(3);
  });
});
