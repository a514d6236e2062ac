/** Keys change while everything runs: nothing that waited is lost, and who was revoked is out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { curveKeyPair } from 'zeromq';
import { BindFailedError, UnsupportedOperationError } from '../../src/index.js';
import { freshBind } from '../harness/pairs.js';
import { CLIENT, SecuredScope, STRANGER } from '../harness/secured.js';
import { until } from '../harness/until.js';

const PAIRS = ['push-pull', 'pub-sub', 'dealer-router'] as const;
const scope = new SecuredScope();

beforeAll(() => Logger.overrideLogger(false));
afterEach(() => scope.dispose());

describe.each(PAIRS)('%s', (pair) => {
  it('cuts the connection of a client whose key was revoked, and nobody else’s for long', async () => {
    const served = await scope.serve(pair, { allowedClients: [CLIENT.publicKey, STRANGER.publicKey] });
    const honest = await scope.dial(pair, {}, { connect: served.address });
    const revoked = await scope.dial(pair, { keyPair: STRANGER }, { connect: served.address });
    await until(() => honest.linkState === 'connected' && revoked.linkState === 'connected');

    expect(await served.server.rotateKeys({ allowedClients: [CLIENT.publicKey] })).toBe(true);

    await until(() => revoked.linkState === 'refused');
    await until(() => honest.linkState === 'connected' && served.server.stats().peers === 1);
    revoked.emit('event', 'revoked');
    honest.emit('event', 'honest');
    await until(() => served.received.length > 0);
    expect(served.received).toEqual(['honest']);
  });

  it('disturbs nobody when a client is added', async () => {
    const served = await scope.serve(pair);
    const client = await scope.dial(pair, {}, { connect: served.address });
    await until(() => client.linkState === 'connected');
    expect(await served.server.rotateKeys({ allowedClients: [CLIENT.publicKey, STRANGER.publicKey] })).toBe(
      false,
    );
    const added = await scope.dial(pair, { keyPair: STRANGER }, { connect: served.address });
    await until(() => added.linkState === 'connected');
    expect(client.stats()).toMatchObject({ state: 'connected', reconnects: 0 });
  });

  it('changes its keys twice at once, and ends with the later ones', async () => {
    const [first, second] = [curveKeyPair(), curveKeyPair()];
    const served = await scope.serve(pair);
    const changes = [first, second].map((keyPair) => served.server.rotateKeys({ keyPair }));
    expect(await Promise.all(changes)).toEqual([true, true]);
    const client = await scope.dial(pair, { serverKey: second.publicKey }, { connect: served.address });
    await until(() => client.linkState === 'connected');
  });

  it('goes on with another client key', async () => {
    const served = await scope.serve(pair, { allowedClients: [CLIENT.publicKey, STRANGER.publicKey] });
    const client = await scope.dial(pair, {}, { connect: served.address });
    await until(() => client.linkState === 'connected');
    expect(await client.rotateKeys({ keyPair: STRANGER })).toBe(true);
    await until(() => client.linkState === 'connected');
    // A closed socket's connection ends a little later; cut before, it would try once more, with the old key.
    await until(() => served.server.stats().disconnects === 1);
    await served.server.rotateKeys({ allowedClients: [STRANGER.publicKey] });
    await until(() => client.stats().reconnects === 1 && client.linkState === 'connected');
    client.emit('event', 'new key');
    await until(() => served.received.length === 1);
    expect(served.server.stats().deniedPeers).toBe(0);
  });

  it.each(['client', 'server'] as const)(
    'goes on with another server key, told to the %s first',
    async (first) => {
      const next = curveKeyPair();
      const served = await scope.serve(pair);
      const client = await scope.dial(pair, {}, { connect: served.address });
      await until(() => client.linkState === 'connected');
      const changes = [
        () => client.rotateKeys({ serverKey: next.publicKey }),
        () => served.server.rotateKeys({ keyPair: next }),
      ];
      for (const change of first === 'client' ? changes : changes.toReversed()) {
        expect(await change()).toBe(true);
        if (pair !== 'pub-sub') {
          client.emit('event', 'between');
        }
      }
      await until(() => client.linkState === 'connected');
      client.emit('event', 'after');
      await until(() => served.received.includes('after'));
    },
  );

  it('changes the keys of a client that binds, at the same address, but not of a server that connects', async () => {
    const next = curveKeyPair();
    const client = await scope.dial(pair, {}, { bind: 'tcp://127.0.0.1:*' });
    const allowedClients = [CLIENT.publicKey, STRANGER.publicKey];
    const connect = client.unwrap()[0]?.lastEndpoint ?? '';
    const served = await scope.serve(pair, { allowedClients }, { connect });
    await until(() => client.linkState === 'connected');
    await expect(served.server.rotateKeys({ keyPair: next })).rejects.toThrow('cannot change its keys');
    await client.rotateKeys({ keyPair: STRANGER });
    await until(() => client.linkState === 'connected');
    client.emit('event', 'after');
    await until(() => served.received.includes('after'));
    expect(client.stats()).toMatchObject({ state: 'connected', peers: 1 });
  });
});

describe.each(PAIRS)('a %s server that connects', (pair) => {
  it('finds its client when that comes, and again when it comes back', async () => {
    // A socket file of its own: a port that was given back may be anybody's by now.
    const bind = freshBind('ipc');
    const served = await scope.serve(pair, {}, { connect: bind });
    for (const round of [1, 2]) {
      const client = await scope.dial(pair, {}, { bind });
      await until(() => client.linkState === 'connected');
      client.emit('event', round);
      await until(() => served.received.includes(round));
      await client.close();
      await until(() => served.server.stats().peers === 0);
    }
    expect(served.received).toEqual([1, 2]);
  });
});

describe.each(['push-pull', 'dealer-router'] as const)('a stream of events over %s', (pair) => {
  it('loses none when the server’s key changes, told to the client first', async () => {
    const next = curveKeyPair();
    const served = await scope.serve(pair);
    const client = await scope.dial(pair, {}, { connect: served.address });
    await until(() => client.linkState === 'connected');
    let sent = 0;
    const send = setInterval(() => {
      for (let n = 0; n < 20; n += 1) {
        client.emit('event', sent);
        sent += 1;
      }
    }, 1);
    await until(() => served.received.length > 500);
    await client.rotateKeys({ serverKey: next.publicKey });
    // What the old sockets had taken has arrived, and what comes now waits.
    await until(() => client.linkState === 'refused');
    await served.server.rotateKeys({ keyPair: next });
    await until(() => client.linkState === 'connected');
    const enough = sent + 500;
    await until(() => sent > enough);
    clearInterval(send);
    await until(() => served.received.length >= sent);
    expect([...new Set(served.received as number[])].sort((a, b) => a - b)).toEqual(
      Array.from({ length: sent }, (_, n) => n),
    );
    expect(served.received).toHaveLength(sent);
  });
});

it('tells the caller when it cannot be at its address any more', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'zmq-rotation-'));
  const served = await scope.serve('push-pull', {}, { bind: `ipc://${join(folder, 'socket')}` });
  rmSync(folder, { recursive: true });
  await expect(served.server.rotateKeys({ keyPair: STRANGER })).rejects.toBeInstanceOf(BindFailedError);
  expect(served.server.stats().state).toBe('failed');
});

it('rotates nothing on sides without CURVE', async () => {
  const served = await scope.serve('push-pull', 'none');
  const client = await scope.dial('push-pull', undefined, { connect: served.address });
  await expect(served.server.rotateKeys()).rejects.toBeInstanceOf(UnsupportedOperationError);
  await expect(client.rotateKeys()).rejects.toBeInstanceOf(UnsupportedOperationError);
});
