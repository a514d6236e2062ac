/** What one stranger can make a server keep, forget or spend: bounded, whatever it says and whether or not it reads. */
import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import type { Router } from 'zeromq';
import { Dealer } from 'zeromq';
import { type DeliveryFailure, HandlerRegistry, JsonCodec } from '@app/transport-core';
import {
  ConsumerSessions,
  MAX_KEPT_FAILURES,
  MAX_NAMED_FAILURES,
} from '../../src/acknowledged/consumer/consumer-sessions.js';
import type { DeliveryLedger, DeliveryPosition } from '../../src/index.js';
import { ReplyOutbox } from '../../src/server/reply-outbox.js';
import {
  encodeDeliver,
  encodeFailures,
  HELLO,
  kindFrame,
  PACKETS,
  PONG,
  READY,
  REFUSED,
} from '../../src/wire/frames.js';
import { decodeReady, encodeHello, type ProducerGreeting } from '../../src/wire/greeting.js';
import { type Service, ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';
import { until } from '../harness/until.js';

let handled = 0;

@Controller()
class TradeController {
  @EventPattern<string>('trade')
  onTrade(): void {
    handled += 1;
  }
}

const scope = new ServiceScope();
const dealers: Dealer[] = [];
beforeEach(() => (handled = 0));
afterEach(async () => {
  dealers.splice(0).forEach((dealer) => dealer.close());
  await scope.dispose();
});

function dial(service: Service, options: ConstructorParameters<typeof Dealer>[0] = {}): Dealer {
  const dealer = new Dealer({ linger: 0, ...options });
  dealers.push(dealer);
  dealer.connect(service.address);
  return dealer;
}

const greetingOf = (id: string, epoch = 'e'): ProducerGreeting => ({
  id,
  epoch,
  instance: `${id}${epoch}`,
  acked: 0,
});

/** @returns the kind of the answer, and the session where it is READY */
async function greet(dealer: Dealer, greeting: ProducerGreeting): Promise<{ kind: number; session: string }> {
  await dealer.send([kindFrame(HELLO), encodeHello(greeting)]);
  for (;;) {
    const [kind, payload = Buffer.alloc(0)] = await dealer.receive();
    if (kind?.[0] === READY || kind?.[0] === REFUSED) {
      return { kind: kind[0], session: decodeReady(payload)?.session ?? '' };
    }
  }
}

class KeptLedger implements DeliveryLedger {
  readonly forgotten: string[] = [];

  constructor(private readonly known: readonly DeliveryPosition[]) {}

  load(): readonly DeliveryPosition[] {
    return this.known;
  }

  commit(): undefined {}

  forget(producer: string): void {
    this.forgotten.push(producer);
  }
}

function startWith(ledger: DeliveryLedger, maxProducers: number): Promise<Service> {
  return scope.start({
    wiring: TCP_DEALER_ROUTER,
    controllers: [TradeController],
    server: { delivery: { ledger, maxProducers } },
  });
}

const TRADE = '{"pattern":"trade","data":{}}';

describe('a HELLO alone', () => {
  it('makes the server forget nobody, however many there are', async () => {
    const ledger = new KeptLedger([{ producer: 'away', epoch: 'E', sequence: 7 }]);
    const service = await startWith(ledger, 4);
    const stranger = dial(service);
    expect(await greet(stranger, greetingOf('s0'))).toMatchObject({ kind: READY });
    for (let n = 1; n < 20; n += 1) {
      expect(await greet(stranger, greetingOf(`s${n}`))).toMatchObject({ kind: REFUSED });
    }
    for (let n = 20; n < 30; n += 1) {
      expect(await greet(dial(service), greetingOf(`s${n}`))).toMatchObject({ kind: READY });
    }
    // Another epoch under the known id, which the stranger does not deliver in.
    expect(await greet(dial(service), greetingOf('away', 'X'))).toMatchObject({ kind: READY });
    const home = dial(service);
    const { session } = await greet(home, { id: 'away', epoch: 'E', instance: 'home', acked: 0 });
    await home.send([encodeDeliver({ session, previous: 6, first: 7, count: 1 }), TRADE]);
    await home.send([encodeDeliver({ session, previous: 7, first: 8, count: 1 }), TRADE]);
    await until(() => service.server.stats().delivery.handled === 1);
    expect(service.server.stats().delivery).toMatchObject({ duplicates: 1, handled: 1 });
    expect(ledger.forgotten).toEqual([]);
  });

  it('keeps nobody out: who delivers nothing gives way, and hears of it when it does deliver', async () => {
    const service = await startWith(new KeptLedger([]), 2);
    const idle = dial(service);
    const { session } = await greet(idle, greetingOf('idle'));
    const others = ['a', 'b'].map((id) => ({ id, dealer: dial(service) }));
    for (const { id, dealer } of others) {
      const granted = await greet(dealer, greetingOf(id));
      expect(granted.kind).toBe(READY);
      await dealer.send([
        encodeDeliver({ session: granted.session, previous: 0, first: 1, count: 1 }),
        TRADE,
      ]);
    }
    await until(() => handled === 2);
    // Both places belong to those who delivered.
    await idle.send([encodeDeliver({ session, previous: 0, first: 1, count: 1 }), TRADE]);
    await until(() => service.server.stats().delivery.stale === 1);
    expect(await greet(idle, greetingOf('idle'))).toMatchObject({ kind: REFUSED });
  });
});

const failuresFrom = (first: number, count: number): DeliveryFailure[] =>
  Array.from({ length: count }, (_, n) => ({
    sequence: first + n,
    reason: 'handler_failed',
    detail: 'x'.repeat(200),
  }));

class Bench {
  private tokens = 0;
  readonly sessions = new ConsumerSessions({
    windowEvents: 100_000,
    windowBytes: 1_000_000,
    maxProducers: 100,
    newSession: () => String((this.tokens += 1)).padStart(16, '0'),
  });
  private readonly granted = new Map<string, string>();

  connect(id: string): void {
    const welcome = this.sessions.greet(id, greetingOf(id));
    this.granted.set(id, welcome.kind === 'granted' ? welcome.grant.session : '');
  }

  receive(id: string, first: number, count: number): void {
    const header = { session: this.granted.get(id) ?? '', previous: first - 1, first, count };
    const verdict = this.sessions.receive(id, header, Buffer.alloc(1), 0);
    if (verdict !== 'queued') throw new Error(`the batch is ${verdict}`);
  }

  /** All events of the next batch fail. @returns false when none may be handled */
  fail(id: string): boolean {
    const batch = this.sessions.nextOf(id);
    if (batch === undefined) return false;
    const position = this.sessions.handled(batch, failuresFrom(batch.first, batch.count));
    this.sessions.committed(position, batch);
    return true;
  }
}

describe('failures that nobody hears of', () => {
  it('keep the batches of their own producer waiting, until it reads', () => {
    const bench = new Bench();
    bench.connect('deaf');
    for (let n = 0; n < 20; n += 1) bench.receive('deaf', n * 400 + 1, 400);
    while (bench.fail('deaf'));
    expect(bench.sessions.keptFailures).toBe(1200);
    expect(bench.sessions.producersWithWork()).toEqual([]);
    const due = bench.sessions.ackOf('deaf');
    expect(due?.failures.length).toBeLessThanOrEqual(MAX_NAMED_FAILURES);
    expect(bench.sessions.acknowledged('deaf', due?.ack.sequence ?? 0)).toBe(true);
    expect(bench.sessions.producersWithWork()).toEqual(['deaf']);
    expect(bench.sessions.unnamedFailures).toBe(0);
  });

  it('are bounded for all producers together, at the cost of the one that has most of them', () => {
    const bench = new Bench();
    ['modest', 'greedy'].forEach((id) => bench.connect(id));
    bench.receive('modest', 1, 10);
    bench.fail('modest');
    bench.receive('greedy', 1, 2 * MAX_KEPT_FAILURES);
    bench.fail('greedy');
    expect(bench.sessions.keptFailures).toBe(MAX_KEPT_FAILURES);
    expect(bench.sessions.unnamedFailures).toBe(MAX_KEPT_FAILURES + 10);
    expect(bench.sessions.ackOf('modest')?.failures).toHaveLength(10);
    bench.sessions.leave('greedy');
  });

  it('are named in ACKs of a size that libzmq may keep, each event once, and all of them', () => {
    const bench = new Bench();
    bench.connect('p');
    bench.receive('p', 1, 3000);
    const batch = bench.sessions.nextOf('p');
    // Each event failed in two handlers.
    const failures = [...failuresFrom(1, 3000), ...failuresFrom(1, 3000)];
    if (batch !== undefined) bench.sessions.committed(bench.sessions.handled(batch, failures), batch);
    const named: number[] = [];
    for (let goesOn = true; goesOn;) {
      const due = bench.sessions.ackOf('p');
      expect(encodeFailures(due?.failures ?? []).length).toBeLessThan(200_000);
      due?.failures.forEach(({ sequence }) => named.push(sequence));
      goesOn = bench.sessions.acknowledged('p', due?.ack.sequence ?? 0);
    }
    expect(named).toEqual(Array.from({ length: 3000 }, (_, n) => n + 1));
  });
});

describe('a peer that does not read', () => {
  it('of the names of its failures is not served beyond them', async () => {
    const service = await startWith(new KeptLedger([]), 4);
    const deaf = dial(service, { receiveHighWaterMark: 1 });
    const { session } = await greet(deaf, greetingOf('deaf'));
    // Events without a pattern fail.
    const count = 500;
    const payload = JSON.stringify(Array.from({ length: count }, () => ({})));
    const stats = () => service.server.stats().delivery;
    let first = 1;
    await until(async () => {
      await deaf.send([encodeDeliver({ session, previous: first - 1, first, count }), payload]);
      first += count;
      return stats().resyncs > 0;
    });
    expect(stats().queuedEvents).toBeLessThanOrEqual(8192);
    expect(stats().keptFailures).toBeLessThanOrEqual(MAX_KEPT_FAILURES);
    const { handled: before } = stats();
    const other = dial(service);
    const granted = await greet(other, greetingOf('other'));
    await other.send([encodeDeliver({ session: granted.session, previous: 0, first: 1, count: 1 }), TRADE]);
    await until(() => handled === 1);
    expect(stats().handled).toBe(before + 1);
  });

  it('has a bounded number of control messages waiting, and no question whether it is there', async () => {
    const send = jest.fn(() => Promise.reject(Object.assign(new Error('full'), { code: 'EAGAIN' })));
    const outbox = new ReplyOutbox({
      socket: { send, sendTimeout: 0 } as unknown as Router,
      codec: new JsonCodec(),
      maxFrameBytes: 1024,
      maxBytesPerPeer: 1000,
      onDropped: () => undefined,
      onPeerGone: () => undefined,
      ackFor: () => undefined,
    });
    const peer = Buffer.from('deaf');
    for (let n = 0; n < 1000; n += 1) outbox.control(peer, PONG, Buffer.alloc(64));
    const waiting = (): number => outbox['peers'].get('deaf')?.controls.length ?? 0;
    expect(waiting()).toBeLessThanOrEqual(32);
    for (let n = 0; n < 10; n += 1) {
      const answers = await Promise.all(Array.from({ length: 100 }, () => outbox.isThere(peer)));
      expect(answers).not.toContain(false);
    }
    expect(waiting()).toBeLessThanOrEqual(32);
    outbox.close();
  });
});

describe('a pattern that is no name', () => {
  const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`k${n}`, n]));
  let deep: unknown = 1;
  for (let n = 0; n < 5000; n += 1) deep = { deep };

  it.each([
    ['a wide object', wide],
    ['a deep object', deep],
    ['a long list', Array.from({ length: 100_000 }, () => 1)],
    ['an object of objects', { a: wide }],
    ['a long text', `{"a":"${'x'.repeat(100_000)}"}`],
  ])('is not normalised when it is %s, and is shown in a few words', (_name, pattern) => {
    const routeOf = jest.fn(String);
    const textOf = jest.fn(String);
    const registry = new HandlerRegistry({
      messageHandlers: new Map([['trade', async () => undefined]]),
      routeOf,
      textOf,
      logger: { log: jest.fn(), warn: jest.fn(), error: jest.fn() },
    });
    registry.freeze();
    const route = registry.find(pattern);
    expect(route).toMatchObject({ handler: undefined, batchHandler: undefined });
    expect(route.pattern.length).toBeLessThan(120);
    expect(routeOf).not.toHaveBeenCalled();
    expect(textOf).not.toHaveBeenCalled();
  });

  it('is rejected by a server as one that nobody handles, and an object that has a handler is found', async () => {
    const service = await scope.start({ wiring: TCP_DEALER_ROUTER, controllers: [TradeController] });
    const dealer = dial(service);
    await dealer.send([kindFrame(PACKETS), JSON.stringify({ pattern: wide, data: 1 })]);
    await dealer.send([kindFrame(PACKETS), TRADE]);
    await until(() => handled === 1);
    expect(service.server.stats().rejected).toMatchObject({ no_handler: 1 });
  });
});

describe('a message of many parts', () => {
  it('is rejected, and the next one is taken', async () => {
    const service = await scope.start({ wiring: TCP_DEALER_ROUTER, controllers: [TradeController] });
    const dealer = dial(service);
    await dealer.send(Array.from({ length: 20_000 }, () => 'x'));
    await dealer.send([kindFrame(PACKETS), TRADE]);
    await until(() => handled === 1);
    expect(service.server.stats().rejected).toMatchObject({ frame_count: 1 });
  });
});
