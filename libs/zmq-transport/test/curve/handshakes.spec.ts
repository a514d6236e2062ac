/** CURVE on real sockets: who comes in, who does not, and what either side is told. */
import { Logger } from '@nestjs/common';
import { lastValueFrom } from 'rxjs';
import { curveKeyPair } from 'zeromq';
import {
  AuthenticationFailedError,
  type CurveClientOptions,
  InvalidOptionsError,
  ZmqClient,
  ZmqServer,
} from '../../src/index.js';
import { CLIENT, KeptLog, SecuredScope, SERVER, STRANGER } from '../harness/secured.js';
import { until } from '../harness/until.js';

const PAIRS = ['push-pull', 'pub-sub', 'dealer-router'] as const;

/** Which side binds; the server is the CURVE server either way. */
const WIRINGS = PAIRS.flatMap((pair) => [
  { pair, binds: 'server' as const },
  { pair, binds: 'client' as const },
]);

const log = new KeptLog();
const scope = new SecuredScope();

beforeEach(() => {
  log.lines.length = 0;
  Logger.overrideLogger(log);
});
afterEach(async () => {
  await scope.dispose();
  Logger.overrideLogger(false);
});

function unreadable(): never {
  throw new Error('no such file');
}

type Wiring = (typeof WIRINGS)[number];

async function wire(
  { pair, binds }: Wiring,
  serverCurve: Parameters<SecuredScope['serve']>[1],
  clientCurve: Partial<CurveClientOptions> | undefined,
): Promise<{ client: ZmqClient; served: Awaited<ReturnType<SecuredScope['serve']>> }> {
  if (binds === 'client') {
    const client = await scope.dial(pair, clientCurve, { bind: 'tcp://127.0.0.1:*' });
    const [socket] = client.unwrap();
    const connect = socket?.lastEndpoint ?? '';
    return { client, served: await scope.serve(pair, serverCurve, { connect }) };
  }
  const served = await scope.serve(pair, serverCurve);
  return { client: await scope.dial(pair, clientCurve, { connect: served.address }), served };
}

describe.each(WIRINGS)('$pair with CURVE, the $binds binds', (wiring) => {
  it('carries events for a client with the right keys', async () => {
    const { client, served } = await wire(wiring, {}, {});
    await until(() => client.linkState === 'connected');
    client.emit('event', 1);
    await until(() => served.received.length === 1);
    expect(client.unwrap()[0]?.securityMechanism).toBe('curve');
    expect(client.stats().denials + served.server.stats().deniedPeers).toBe(0);
    expect(log.lines).toEqual([]);
  });

  it.each([
    ['a key nobody allowed', {}, { keyPair: STRANGER }],
    ['another server key in mind', {}, { serverKey: STRANGER.publicKey }],
    ['no key', {}, undefined],
    ['a key, at a server without CURVE', 'none', {}],
  ] as const)(
    'says on both sides that it refuses a client with %s',
    async (_name, serverCurve, clientCurve) => {
      const { client, served } = await wire(wiring, serverCurve, clientCurve);
      await until(() => client.linkState === 'refused');
      client.emit('event', 1);
      await until(() => served.server.stats().deniedPeers > 1);
      expect(client.stats()).toMatchObject({ peers: 0, state: 'refused' });
      expect(served.received).toEqual([]);
      expect(log.lines.filter((line) => line.startsWith('the handshake fails'))).toHaveLength(1);
      expect(log.lines.filter((line) => line.startsWith('denied '))).toHaveLength(1);
      for (const { secretKey } of [SERVER, CLIENT, STRANGER]) {
        expect(log.lines.join('\n')).not.toContain(secretKey);
      }
    },
  );

  it('lets in a client that was refused, once its key is allowed, with what waited', async () => {
    const allowed: string[] = [];
    const { client, served } = await wire(wiring, { allowedClients: () => allowed }, {});
    await until(() => client.linkState === 'refused');
    if (wiring.pair !== 'pub-sub') {
      client.emit('event', 'waited');
    }
    allowed.push(CLIENT.publicKey);
    await until(() => client.linkState === 'connected');
    client.emit('event', 'sent');
    await until(() => served.received.includes('sent'));
    expect(served.received).toEqual(wiring.pair === 'pub-sub' ? ['sent'] : ['waited', 'sent']);
  });
});

describe('a DEALER that is refused', () => {
  it.each([
    ['client_key', { keyPair: STRANGER }],
    ['server_key', { serverKey: STRANGER.publicKey }],
    ['mechanism', undefined],
  ] as const)('fails connect() and requests at once (%s)', async (reason, curve) => {
    const served = await scope.serve('dealer-router');
    const client = await scope.dial('dealer-router', curve, { connect: served.address });
    await expect(client.connect()).rejects.toMatchObject({ code: 'ERR_ZMQ_AUTHENTICATION_FAILED', reason });
    await expect(lastValueFrom(client.send('echo', 1))).rejects.toBeInstanceOf(AuthenticationFailedError);
  });
});

describe('a CURVE server', () => {
  it('answers requests of its clients', async () => {
    const served = await scope.serve('dealer-router');
    const client = await scope.dial('dealer-router', {}, { connect: served.address });
    expect(await lastValueFrom(client.send('echo', 'hello'))).toBe('hello');
  });

  it('judges by its own list, not by that of another server of the process', async () => {
    const mine = await scope.serve('push-pull');
    const other = await scope.serve('push-pull', { allowedClients: [STRANGER.publicKey] });
    const client = await scope.dial('push-pull', {}, { connect: mine.address });
    const refused = await scope.dial('push-pull', {}, { connect: other.address });
    await until(() => client.linkState === 'connected' && refused.linkState === 'refused');
    expect(mine.server.stats().deniedPeers).toBe(0);
  });

  it('refuses everybody, and says why, while its list cannot be read', async () => {
    const served = await scope.serve('push-pull', { allowedClients: unreadable });
    const client = await scope.dial('push-pull', {}, { connect: served.address });
    await until(() => client.linkState === 'refused');
    expect(log.lines.join('\n')).toContain('no such file');
  });

  it('lets in whoever knows its public key when it says "any"', async () => {
    const served = await scope.serve('push-pull', { allowedClients: 'any' });
    const client = await scope.dial('push-pull', { keyPair: STRANGER }, { connect: served.address });
    await until(() => client.linkState === 'connected');
    expect(served.server.stats().deniedPeers).toBe(0);
  });

  it('logs at most one refusal a second, however many there are', async () => {
    const served = await scope.serve('push-pull', { allowedClients: [] });
    await scope.dial(
      'push-pull',
      {},
      { connect: served.address, reconnectIntervalMs: 1, reconnectMaxIntervalMs: 1 },
    );
    const beganAt = performance.now();
    await until(() => served.server.stats().deniedPeers > 20);
    const seconds = Math.ceil((performance.now() - beganAt) / 1000);
    expect(log.lines.filter((line) => line.startsWith('denied ')).length).toBeLessThanOrEqual(seconds + 1);
  });
});

const server = (curve: object): ZmqServer =>
  new ZmqServer({ bind: 'tcp://127.0.0.1:*', curve: curve as never });
const client = (curve: object, connect = 'tcp://127.0.0.1:1'): ZmqClient =>
  new ZmqClient({ connect, curve: curve as never });

describe('options of CURVE', () => {
  const short = { ...CLIENT, secretKey: CLIENT.secretKey.slice(1) };

  it.each([
    ['a server without a list', () => server({ keyPair: SERVER }), 'allowedClients'],
    [
      'a list with something else in it',
      () => server({ keyPair: SERVER, allowedClients: ['me'] }),
      'allowedClients',
    ],
    ['a short key', () => server({ keyPair: short, allowedClients: [] }), 'curve.keyPair.secretKey'],
    [
      'a pair of two pairs',
      () => server({ keyPair: { ...SERVER, publicKey: curveKeyPair().publicKey }, allowedClients: [] }),
      'does not match',
    ],
    ['a client without a server key', () => client({ keyPair: CLIENT }), 'curve.serverKey'],
    [
      'an inproc address',
      () => client({ keyPair: CLIENT, serverKey: SERVER.publicKey }, 'inproc://here'),
      'inproc',
    ],
  ])('refuse %s without telling a key', (_name, create, what) => {
    expect(create).toThrow(InvalidOptionsError);
    expect(create).toThrow(what);
    expect(create).not.toThrow(short.secretKey);
  });
});
