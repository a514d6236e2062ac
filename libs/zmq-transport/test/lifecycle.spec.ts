import { lastValueFrom } from 'rxjs';
import {
  BindFailedError,
  NotOpenError,
  UnsupportedOperationError,
  ZmqClient,
  ZmqServer,
} from '../src/index.js';
import { startTickApp } from './harness/tick-app.js';
import { until } from './harness/until.js';

describe('listen', () => {
  it('calls back once, with the address and the system code, when the address is taken', async () => {
    const first = await startTickApp();
    const calls: unknown[][] = [];
    const second = new ZmqServer({ bind: first.address });
    second.listen((...args: unknown[]) => calls.push(args));
    await until(() => calls.length > 0);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.[0]).toBeInstanceOf(BindFailedError);
    expect(calls[0]?.[0]).toMatchObject({
      code: 'ERR_ZMQ_BIND_FAILED',
      address: first.address,
      reason: 'EADDRINUSE',
    });
    expect(second.isReceiving).toBe(false);
    await second.close();
    await first.app.close();
  });

  it('says that there is no socket yet when asked for it too early', () => {
    expect(() => new ZmqServer({ bind: 'tcp://127.0.0.1:*' }).unwrap()).toThrow(NotOpenError);
    expect(() => new ZmqClient({ connect: 'tcp://127.0.0.1:1' }).unwrap()).toThrow(NotOpenError);
  });
});

describe('drain', () => {
  it('handles what has arrived, waits for running handlers, and lets none start afterwards', async () => {
    const release: (() => void)[] = [];
    const tick = await startTickApp({}, () => new Promise<void>((resolve) => release.push(resolve)));
    const client = new ZmqClient({ connect: tick.address });
    for (let n = 0; n < 300; n += 1) {
      client.emit('tick', { n });
    }
    await client.close();
    await until(() => tick.seen.length === 300);
    let drained = false;
    const report = tick.server.drain().then((r) => {
      drained = true;
      return r;
    });
    await until(() => !tick.server.isReceiving);
    expect(drained).toBe(false);
    release.forEach((resolve) => resolve());
    expect(await report).toEqual({ received: 0, inFlight: 0, empty: true });
    expect(await tick.server.drain()).toBe(await report);
    await tick.app.close();
  });

  it('tells which handlers never ended when its time is up', async () => {
    const tick = await startTickApp({ drainTimeoutMs: 50 }, () => new Promise<void>(() => undefined));
    const client = new ZmqClient({ connect: tick.address });
    client.emit('tick', { n: 1 });
    await until(() => tick.seen.length === 1);
    expect((await tick.server.drain()).inFlight).toBe(1);
    await client.close();
    await tick.app.close();
  });

  it('reports what a client could not send in time, as dropped', async () => {
    const client = new ZmqClient({ connect: 'tcp://127.0.0.1:1', drainTimeoutMs: 20 });
    for (let n = 0; n < 42; n += 1) {
      client.emit('tick', { n });
    }
    const report = await client.close();
    expect(report).toEqual({ queued: 42, delivered: 0, dropped: 42, kept: 0 });
    expect(client.stats()).toMatchObject({ state: 'closed', queuedEvents: 0, drops: { drain_timeout: 42 } });
    expect(await client.close()).toBe(report);
  });
});

describe('the receive loop', () => {
  it('is seen to be broken when its socket is closed under it', async () => {
    const tick = await startTickApp();
    const states: string[] = [];
    tick.server.status.subscribe((state) => states.push(state));
    expect(tick.server.isReceiving).toBe(true);
    tick.server.unwrap().close();
    await until(() => !tick.server.isReceiving);
    expect(states).toEqual(['listening', 'failed']);
    await tick.app.close();
  });

  it('stops receiving while maxInFlight handlers run, and goes on when they end', async () => {
    const release: (() => void)[] = [];
    const tick = await startTickApp(
      { maxInFlight: 10 },
      () => new Promise<void>((resolve) => release.push(resolve)),
    );
    const client = new ZmqClient({ connect: tick.address });
    for (let n = 0; n < 100; n += 1) {
      client.emit('tick', { n });
    }
    await until(() => tick.seen.length === 10);
    expect(tick.server.stats().inFlight).toBe(10);
    while (release.length > 0 || tick.seen.length < 100) {
      release.shift()?.();
      await until(() => release.length > 0 || tick.seen.length === 100);
    }
    expect(tick.numbers()).toEqual(Array.from({ length: 100 }, (_, n) => n));
    await client.close();
    await tick.app.close();
  });
});

describe('send', () => {
  it('is an error, not a hang: PUSH/PULL has no way back', async () => {
    const client = new ZmqClient({ connect: 'tcp://127.0.0.1:1' });
    await expect(lastValueFrom(client.send('tick', {}))).rejects.toBeInstanceOf(UnsupportedOperationError);
    await client.close();
  });
});
