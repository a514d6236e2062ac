/** @jest-environment ./apps/web/test/dom-environment.cjs */
import { Desk } from './desk.js';
import type { PublisherItem, Receipt, SidecarItem } from './feed-items.js';

interface Feeds {
  readonly events: PublisherItem[];
  readonly 'sidecar/stream': SidecarItem[];
}

const realFetch = globalThis.fetch;
let streams: Map<string, ReadableStreamDefaultController<Uint8Array>>;
let desk: Desk;

beforeEach(() => {
  streams = new Map();
  globalThis.fetch = (url, init) => {
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        streams.set(String(url), stream);
        init?.signal?.addEventListener('abort', () => stream.error(init.signal?.reason));
      },
    });
    return Promise.resolve(new Response(body));
  };
  desk = new Desk();
  desk.start();
});
afterEach(() => {
  desk.stop();
  jest.useRealTimers();
  globalThis.fetch = realFetch;
});

function tell<K extends keyof Feeds>(feed: K, items: Feeds[K]): void {
  streams.get(feed)?.enqueue(new TextEncoder().encode(`id: p1-1\ndata: ${JSON.stringify(items)}\n\n`));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

describe('the desk', () => {
  it('says that the sidecar is silent when its open stream tells nothing for some seconds, until it speaks again', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'queueMicrotask', 'nextTick'] });
    desk.stop();
    desk.start();
    await until(() => desk.publisher.state === 'open' && desk.sidecar.state === 'open');
    tell('events', [{ type: 'link', state: 'connected', queued: 0 }]);
    await until(() => desk.linkUp);
    jest.advanceTimersByTime(3000);
    expect(desk.isSidecarSilent).toBe(false);
    jest.advanceTimersByTime(1000);
    expect(desk.isSidecarSilent).toBe(true);
    expect(desk.context().isWaiting).toBe(true);
    tell('sidecar/stream', [{ kind: 'statistics' }]);
    await until(() => !desk.isSidecarSilent);
  });

  it('says of a broadcast that what it emitted without a subscriber was dropped, and that nothing waits', async () => {
    const trade = { type: 'trade', side: 'buy', qty: 1, ts: 1000 } as const;
    const link = { type: 'link', pair: 'pub-sub', delivery: 'at-most-once', queued: 0 } as const;
    tell('events', [
      { ...link, state: 'connecting' },
      trade,
      { ...link, state: 'connected' },
      { ...trade, ts: 1001 },
    ]);
    await until(() => desk.tape.size === 2);
    expect(desk.tape.newest().map(({ ts, isDropped }) => [ts, isDropped ?? false])).toEqual([
      [1001, false],
      [1000, true],
    ]);
    tell('events', [{ ...link, state: 'disconnected' }]);
    await until(() => desk.isDropping);
    expect(desk.context().isWaiting).toBe(false);
  });

  it('completes every row on the tape when a burst of receipts comes at once, and shows few of the others', async () => {
    const receipts = Array.from({ length: 200 }, (_, index): Receipt => ({
      kind: 'trade',
      side: 'buy',
      qty: index,
      ts: 1000 + index,
      receivedAtSeconds: 2000,
      latencySeconds: 1000 - index,
    }));
    const waiting = receipts
      .slice(0, 15)
      .map(({ side, qty, ts }) => ({ type: 'trade', side, qty, ts }) as const);
    tell('events', [{ type: 'link', state: 'connecting', queued: 15 }, ...waiting]);
    await until(() => desk.tape.size === 15);
    tell('sidecar/stream', receipts);
    await until(() => desk.tape.size > 15);
    expect(desk.tape.newest().filter(({ stage }) => stage !== 'received')).toEqual([]);
    expect(desk.tape.size).toBe(15 + 20);
  });
});
