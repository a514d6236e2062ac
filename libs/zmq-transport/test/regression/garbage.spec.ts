/** Garbage: whatever a peer sends, raw or in ZeroMQ's own words, the next honest message is handled. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo } from 'node:net';
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { Dealer, type MessageLike, Publisher, Push, Request, Router, XSubscriber } from 'zeromq';
import { type SocketPair, ZmqClient } from '../../src/index.js';
import { freshBind } from '../harness/pairs.js';
import { type Service, ServiceScope } from '../harness/service.js';
import { until } from '../harness/until.js';

let seen: unknown[] = [];
beforeEach(() => {
  seen = [];
});

@Controller()
class EchoController {
  @EventPattern<unknown>('event')
  event(@Payload() data: unknown): void {
    seen.push(data);
  }

  @MessagePattern<unknown>('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

const PAIRS: readonly SocketPair[] = ['push-pull', 'pub-sub', 'dealer-router'];
const scope = new ServiceScope();
afterEach(() => scope.dispose());

const start = (pair: SocketPair): Promise<Service> =>
  scope.start({
    wiring: { pair, network: 'tcp' },
    controllers: [EchoController],
    server: { maxMessageBytes: 100_000 },
  });

/** A greeting of ZMTP 3.0 with the NULL mechanism, after which frames are believed. */
const GREETING = Buffer.concat([
  Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0]),
  Buffer.from('NULL'),
  Buffer.alloc(48),
]);

/** Writes bytes to the server's port, and waits until it hangs up or this side does. */
async function sayRaw(address: string, bytes: Buffer): Promise<void> {
  const { port } = new URL(address.replace('tcp:', 'http:'));
  const socket = connectTcp(Number(port), '127.0.0.1');
  // The server may answer garbage with a reset; that is its right.
  socket.on('error', () => undefined);
  let wasThere = false;
  socket.once('connect', () => (wasThere = true));
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.resume();
  socket.end(bytes);
  await closed;
  expect(wasThere).toBe(true);
}

describe.each(PAIRS)('a server of %s', (pair) => {
  it('outlives raw TCP bytes that are no ZeroMQ, and counts no peer for them', async () => {
    const service = await start(pair);
    const client = await service.connect();
    const claim = Buffer.concat([
      GREETING,
      Buffer.from([0x02, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ]);
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      randomBytes(4096),
      Buffer.alloc(64, 0xff),
      GREETING,
      claim,
    ]) {
      await sayRaw(service.address, bytes);
    }
    client.emit('event', 'honest');
    await until(() => seen.length === 1);
    expect(service.server.stats()).toMatchObject({ state: 'listening', peers: 1, received: 1 });
    expect(client.linkState).toBe('connected');
  });
});

const KIND = {
  packets: Buffer.from([1]),
  cancel: Buffer.from([2]),
  ping: Buffer.from([3]),
  hello: Buffer.from([4]),
};

describe('a PUSH client that binds', () => {
  it('goes on sending to its peer when a socket of a wrong kind has knocked', async () => {
    const client = new ZmqClient({ bind: freshBind('ipc') });
    await client.open();
    const address = client.unwrap()[0]?.lastEndpoint ?? '';
    await scope.start({ controllers: [EchoController], server: { connect: address } });
    await until(() => client.linkState === 'connected');
    // libzmq does not try again by itself after it was refused as the wrong kind.
    const wrong = new Router({ linger: 0 });
    let refusals = 0;
    client.unwrap()[0]?.events.on('disconnect', () => (refusals += 1));
    wrong.connect(address);
    await until(() => refusals === 1);
    client.emit('event', 'honest');
    await until(() => seen.length === 1);
    expect(client.stats()).toMatchObject({ state: 'connected', peers: 1 });
    wrong.close();
    await client.close();
  });
});

describe('a ROUTER', () => {
  const GARBAGE: [string, MessageLike[], string][] = [
    ['one frame', ['x'], 'frame_count'],
    ['a hundred frames', Array.from({ length: 100 }, () => 'x'), 'frame_count'],
    ['an empty kind', ['', 'x'], 'malformed'],
    ['an unknown kind', [Buffer.from([0xee]), 'x'], 'malformed'],
    ['a kind that only servers send', [Buffer.from([0x11]), '{}'], 'malformed'],
    ['random bytes as packets', [KIND.packets, Buffer.from([0xff, 0x00, 0x80])], 'malformed'],
    ['a CANCEL that is no list', [KIND.cancel, '{"a":1}'], 'malformed'],
    ['a HELLO that is no JSON', [KIND.hello, '\u0000'], 'malformed'],
    ['a HELLO of null', [KIND.hello, 'null'], 'malformed'],
    ['a frame beyond the limit', [KIND.packets, 'x'.repeat(70_000)], 'oversize'],
    ['a packet without a pattern', [KIND.packets, '{"id":"1","data":1}'], 'no_pattern'],
  ];

  it.each(GARBAGE)('rejects %s, and answers the next request', async (_name, frames, reason) => {
    const service = await scope.start({
      wiring: { pair: 'dealer-router', network: 'tcp' },
      controllers: [EchoController],
      server: { maxFrameBytes: 65_000 },
    });
    const raw = new Dealer({ linger: 0 });
    raw.connect(service.address);
    await raw.send(frames);
    await until(() => service.rejected.length === 1);
    expect(service.rejected[0]?.reason).toBe(reason);
    const client = await service.connect();
    expect(await lastValueFrom(client.send('echo', 1))).toBe(1);
    raw.close();
  });

  it('answers hostile ids and patterns without harm, and a REQ socket not at all', async () => {
    const service = await start('dealer-router');
    const raw = new Dealer({ linger: 0 });
    raw.connect(service.address);
    const ids: unknown[] = ['__proto__', { a: 1 }, [], null, 0, 'x'.repeat(10_000)];
    for (const id of ids) {
      await raw.send([KIND.packets, JSON.stringify({ pattern: 'echo', data: 1, id })]);
      const [, replies] = await raw.receive();
      expect(JSON.parse(String(replies))).toMatchObject({ id: String(id), response: 1 });
    }
    const deep = `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`;
    await raw.send([KIND.packets, `{"pattern":${deep},"data":1,"id":"deep"}`]);
    expect(String((await raw.receive())[1])).toContain('no matching message handler');
    const req = new Request({ linger: 0 });
    req.connect(service.address);
    await req.send('hello?');
    await until(() => service.rejected.length === 1);
    expect(service.rejected[0]?.reason).toBe('malformed');
    raw.close();
    req.close();
  });
});

describe('a SUB', () => {
  it('rejects wrong frame counts and payloads, ignores what it did not subscribe, and takes the next event', async () => {
    const service = await start('pub-sub');
    const raw = new Publisher({ linger: 0 });
    raw.connect(service.address);
    const good = JSON.stringify({ pattern: 'event', data: 1 });
    await until(async () => {
      await raw.send(['event', good]);
      return seen.length > 0;
    });
    await raw.send(['event']);
    await raw.send(['event', '', '', good]);
    await raw.send(['event', 'not json']);
    await raw.send(['event', randomBytes(16), Buffer.from([0xff])]);
    await raw.send(['eventful', good]);
    await raw.send(['event', JSON.stringify({ pattern: 'event', data: 'last' })]);
    await until(() => seen.includes('last'));
    expect(service.rejected.map(({ reason }) => reason)).toEqual([
      'frame_count',
      'frame_count',
      'malformed',
      'malformed',
    ]);
    raw.close();
  });
});

describe('an XPUB client', () => {
  it('does not take what a subscriber says for the end of another’s subscription', async () => {
    const service = await scope.start({
      wiring: { pair: 'pub-sub', network: 'tcp' },
      controllers: [EchoController],
    });
    const bind = freshBind('ipc');
    const client = await service.connect({ connect: [service.address] });
    const odd = new XSubscriber({ linger: 0 });
    const relay = new ZmqClient({ pair: 'pub-sub', bind });
    await relay.open();
    odd.connect(bind);
    await odd.send(Buffer.from([1, ...Buffer.from('event')]));
    await until(() => relay.linkState === 'connected');
    await odd.send(Buffer.from([7, ...Buffer.from('event')]));
    await odd.send(Buffer.from([1, ...Buffer.from('marker')]));
    await until(() => {
      relay.emit('marker', 1);
      return relay.stats().sent > 0;
    });
    const sent = relay.stats().sent;
    relay.emit('event', 1);
    await until(() => relay.stats().sent > sent);
    expect(relay.stats().drops.no_subscriber).toBeLessThanOrEqual(relay.stats().accepted - sent - 1);
    client.emit('event', 2);
    await until(() => seen.length === 1);
    odd.close();
    await relay.close();
  });
});

describe('a client', () => {
  it.each(PAIRS)('of %s is not connected to a server that speaks no ZeroMQ', async (pair) => {
    let visits = 0;
    const server = createServer((socket) => {
      visits += 1;
      socket.on('error', () => undefined);
      socket.end('SSH-2.0-OpenSSH_9.9\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = new ZmqClient({
      pair,
      connect: `tcp://127.0.0.1:${port}`,
      reconnectIntervalMs: 10,
      drainTimeoutMs: 0,
      lingerMs: 0,
    });
    await client.open();
    await until(() => visits >= 3);
    expect(client.linkState).toBe('connecting');
    expect(client.stats().peers).toBe(0);
    await client.close();
    server.close();
  });

  it.each([
    ['push-pull', () => new Push({ linger: 0 })],
    ['dealer-router', () => new Push({ linger: 0 })],
  ] as const)('of %s is not connected to a socket of another kind', async (pair, make) => {
    const other = make();
    await other.bind('tcp://127.0.0.1:*');
    let refusals = 0;
    other.events.on('disconnect', () => (refusals += 1));
    const client = new ZmqClient({ pair, connect: other.lastEndpoint ?? '', drainTimeoutMs: 0, lingerMs: 0 });
    await client.open();
    await until(() => refusals === 1);
    expect(client.linkState).toBe('connecting');
    expect(client.stats().peers).toBe(0);
    await client.close();
    other.close();
  });

  it('outlives a ROUTER that answers with garbage', async () => {
    const router = new Router({ linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    const client = new ZmqClient({ pair: 'dealer-router', connect: router.lastEndpoint ?? '' });
    const connecting = client.connect();
    const [peer = Buffer.alloc(0)] = await router.receive();
    const GARBAGE: MessageLike[][] = [
      [''],
      ['x'],
      [Buffer.from([0x11])],
      [Buffer.from([0x11]), 'no json'],
      [Buffer.from([0x11]), 'null'],
      [Buffer.from([0x11]), '[1,null,"x",{}]'],
      [Buffer.from([0x13]), 'no ping'],
      [Buffer.from([0xee]), 'x'],
    ];
    for (const frames of GARBAGE) {
      await router.send([peer, ...frames]);
    }
    await router.send([peer, Buffer.from([0x14]), '{"version":1}']);
    await connecting;
    const answer = lastValueFrom(client.send('echo', 1));
    const [, , packet] = await router.receive();
    const { id } = JSON.parse(String(packet)) as { id: string };
    await router.send([
      peer,
      Buffer.from([0x11]),
      JSON.stringify({ id: 'not yours', response: 'wrong', isDisposed: true }),
    ]);
    await router.send([
      peer,
      Buffer.from([0x11]),
      JSON.stringify({ id, response: 'right', isDisposed: true }),
    ]);
    expect(await answer).toBe('right');
    await client.close();
    router.close();
  });
});
