// Addresses that libzmq took for others, or took from others (field cases 19 and 20).
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pull } from 'zeromq';
import { ZmqClient, ZmqRecordBuilder, ZmqServer } from '../../src/index.js';
import { until } from '../harness/until.js';

/** A server whose handler of `tick` keeps what came; listens, or fails as `listen` does. */
async function listening(bind: string | readonly string[]): Promise<{ server: ZmqServer; got: unknown[] }> {
  const server = new ZmqServer({ bind });
  const got: unknown[] = [];
  server.addHandler('tick', async (data: unknown) => void got.push(data), true);
  await new Promise<void>((resolve, reject) => {
    server.listen((error) => (error === undefined ? resolve() : reject(error as Error)));
  });
  return { server, got };
}

describe('addresses', () => {
  let folder: string;
  const closing: { close(): unknown }[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'zmq-addresses-'));
  });

  afterEach(async () => {
    for (const part of closing.splice(0).toReversed()) await part.close();
    await rm(folder, { recursive: true });
  });

  it.each(['tcp://[::1]:*', 'tcp://[::]:*', ['tcp://127.0.0.1:*', 'tcp://[::1]:*']])(
    'of IPv6 bind and connect: %s',
    async (bind) => {
      const { server, got } = await listening(bind);
      closing.push(server);
      const addresses = server.boundAddresses.map((address) => address.replace('[::]', '[::1]'));
      for (const connect of addresses) {
        const client = new ZmqClient({ connect });
        closing.push(client);
        client.emit('tick', connect).subscribe();
        await until(() => got.includes(connect));
      }
      // An IPv4 address beside it stays one.
      expect(addresses.join()).not.toContain('::ffff');
    },
  );

  it('of ipc are not taken away from a server that listens there', async () => {
    const address = `ipc://${join(folder, 'trades.sock')}`;
    const { server, got } = await listening(address);
    closing.push(server);
    await expect(listening(address)).rejects.toMatchObject({
      code: 'ERR_ZMQ_BIND_FAILED',
      reason: 'EADDRINUSE',
    });
    const client = new ZmqClient({ connect: address });
    closing.push(client);
    client.emit('tick', 1).subscribe();
    await until(() => got.length === 1);
  });

  it('of ipc never cost a file that stands at their path', async () => {
    const file = join(folder, 'data.db');
    await writeFile(file, 'precious');
    await expect(listening(`ipc://${file}`)).rejects.toMatchObject({ reason: 'EEXIST' });
    expect(existsSync(file)).toBe(true);
  });

  it('of ipc that a dead process left behind are used again', async () => {
    const address = `ipc://${join(folder, 'left.sock')}`;
    const { execFileSync } = await import('node:child_process');
    const bindAndDie = `const { Pull } = require('zeromq'); const pull = new Pull();
      pull.bind(${JSON.stringify(address)}).then(() => process.kill(process.pid, 'SIGKILL'));`;
    expect(() => execFileSync(process.execPath, ['-e', bindAndDie], { stdio: 'ignore' })).toThrow(
      'Command failed',
    );
    expect(existsSync(join(folder, 'left.sock'))).toBe(true);
    const { server } = await listening(address);
    closing.push(server);
    expect(server.isReceiving).toBe(true);
  });

  it('that are held say so, for tcp too', async () => {
    const holder = new Pull({ linger: 0 });
    closing.push(holder);
    await holder.bind('tcp://127.0.0.1:*');
    await expect(listening(String(holder.lastEndpoint))).rejects.toMatchObject({ reason: 'EADDRINUSE' });
  });
});

describe('times that no timer can wait', () => {
  const LATER = 2 ** 31;
  const connect = 'tcp://127.0.0.1:5555';

  it.each([
    'drainTimeoutMs',
    'connectTimeoutMs',
    'requestTimeoutMs',
    'lingerMs',
    'reconnectIntervalMs',
    'reconnectMaxIntervalMs',
  ])('are refused as `%s`, which would have been 1 ms', (name) => {
    expect(() => new ZmqClient({ connect, [name]: LATER })).toThrow(`\`${name}\` must be a whole number`);
  });

  it('are refused for acknowledgements, for retries, and for one request', () => {
    const pair = 'dealer-router';
    const delivery = { mode: 'acknowledged', ackTimeoutMs: LATER } as const;
    expect(() => new ZmqClient({ pair, connect, delivery })).toThrow('ackTimeoutMs');
    for (const name of ['backoffMs', 'maxBackoffMs']) {
      const retry = { [name]: LATER };
      expect(() => new ZmqServer({ pair, bind: connect, delivery: { retry } })).toThrow(name);
    }
    expect(() => new ZmqRecordBuilder(1).setTimeout(LATER).build()).toThrow('timeoutMs');
    expect(() => new ZmqServer({ bind: connect, drainTimeoutMs: 2_592_000_000 })).toThrow('drainTimeoutMs');
    expect(() => new ZmqServer({ bind: connect, highWaterMark: LATER })).toThrow('highWaterMark');
  });
});
