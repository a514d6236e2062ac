import { Logger } from '@nestjs/common';
import { TradeRecorder } from '../src/counting/trade-recorder.js';
import { startSidecar, trade, until, type SidecarUnderTest } from './sidecar.fixture.js';

describe('trades', () => {
  let sidecar: SidecarUnderTest;

  beforeEach(async () => {
    sidecar = await startSidecar();
  });

  afterEach(() => sidecar.close());

  async function untilApplied(count: number): Promise<void> {
    await until(`${count} trades are applied`, async () => {
      const buys = await sidecar.metric('trades_total{side="buy"}');
      return buys + (await sidecar.metric('trades_total{side="sell"}')) === count;
    });
  }

  it('exist for both sides at 0 before the first, as do all reasons of rejection', async () => {
    for (const name of ['trades_total', 'volume_total']) {
      expect(await sidecar.metric(`${name}{side="buy"}`)).toBe(0);
      expect(await sidecar.metric(`${name}{side="sell"}`)).toBe(0);
    }
    expect(await sidecar.metric('last_trade_ts_seconds')).toBe(0);
    expect(await sidecar.metric('trading_events_rejected_total{reason="handler_failed"}')).toBe(0);
  });

  it('are counted by side with their exact volume, single or in batches', async () => {
    const socket = sidecar.connect();
    await socket.send(JSON.stringify(trade({ qty: 0.1 })));
    await socket.send(
      JSON.stringify([trade({ qty: 0.2 }), trade({ side: 'sell', qty: 3, ts: 1_700_000_000.25 })]),
    );
    await untilApplied(3);
    expect(await sidecar.metric('volume_total{side="buy"}')).toBe(0.1 + 0.2);
    expect(await sidecar.metric('volume_total{side="sell"}')).toBe(3);
    expect(await sidecar.metric('last_trade_ts_seconds')).toBe(1_700_000_000.25);
    expect(await sidecar.metric('trading_receive_latency_seconds_count')).toBe(3);
    expect(await sidecar.metric('trading_interarrival_seconds_count')).toBe(2);
    expect(await sidecar.metric('trading_transport_received_total')).toBe(3);
    expect(await sidecar.metric('trading_transport_batches_total{direction="in"}')).toBe(2);
  });

  it('of several producers at once all count', async () => {
    const sockets = Array.from({ length: 5 }, () => sidecar.connect());
    await Promise.all(
      sockets.map(async (socket) => {
        for (let sent = 0; sent < 200; sent += 1) await socket.send(JSON.stringify(trade({ qty: 0.5 })));
      }),
    );
    await untilApplied(1000);
    expect(await sidecar.metric('volume_total{side="buy"}')).toBe(500);
  });

  it('from the future count as trades and as clock skew, not as a latency of 0', async () => {
    await sidecar.connect().send(JSON.stringify(trade({ ts: Date.now() / 1000 + 60 })));
    await untilApplied(1);
    expect(await sidecar.metric('trading_clock_skew_total')).toBe(1);
    expect(await sidecar.metric('trading_receive_latency_seconds_count')).toBe(0);
  });

  it('are shown under /metrics and /metrics/, with the metrics of the process', async () => {
    for (const path of ['/metrics', '/metrics/']) {
      const response = await fetch(sidecar.url + path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
      const body = await response.text();
      expect(body).toContain('# TYPE trades_total counter');
      expect(body).toContain('process_cpu_seconds_total');
    }
  });

  it('whose handler fails are rejected once each, as handler_failed, and the next one counts', async () => {
    const logged = jest.spyOn(Logger.prototype, 'error').mockImplementation();
    jest.spyOn(sidecar.app.get(TradeRecorder), 'record').mockImplementationOnce(() => {
      throw new Error('boom');
    });
    await sidecar.connect().send(JSON.stringify([trade({ qty: 7 }), trade({ qty: 5 })]));
    await untilApplied(1);
    expect(await sidecar.rejections()).toEqual({ handler_failed: 1 });
    expect(await sidecar.letters()).toMatchObject({
      rejected: 1,
      letters: [{ reason: 'handler_failed', detail: 'boom', content: expect.stringContaining('"qty":7') }],
    });
    expect(await sidecar.metric('volume_total{side="buy"}')).toBe(5);
    expect(await sidecar.metric('trading_transport_handler_failures_total')).toBe(1);
    logged.mockRestore();
  });
});
