import { Logger } from '@nestjs/common';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { firstValueFrom } from 'rxjs';
import { JetStreamClient } from '../src/index.js';
import { waitUntil } from '../../../testing/wait.js';
import { describeWith } from '../../../testing/installed.js';
import { NatsProgram, NatsServer } from '../../../testing/nats.js';
import { type RunningServer, startServer, type Sums, sumsTo, SILENT } from './harness/tally.js';

Logger.overrideLogger(SILENT);

const STREAM = { partitions: 3 };

/** What was counted, once it is that much. */
async function counted({ tally }: RunningServer, count: number): Promise<Sums> {
  await waitUntil(`${count} counted events`, () => tally.total.count >= count);
  return tally.total;
}

describeWith('nats-server', 'what is deleted at the broker while it runs', () => {
  let broker: NatsServer;
  let sending: JetStreamClient;
  const servers: RunningServer[] = [];

  beforeEach(async () => {
    broker = await NatsServer.start();
    sending = new JetStreamClient({
      servers: broker.url,
      stream: STREAM,
      confirmTimeoutMs: 500,
      emitResolves: 'stored',
    });
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
    await sending.close();
    await broker.dispose();
  });

  async function server(): Promise<RunningServer> {
    const started = await startServer({ servers: broker.url, stream: STREAM });
    servers.push(started);
    return started;
  }

  /** Message by message, so that each partition gets some. */
  async function send(first: number, last: number): Promise<void> {
    for (let n = first; n <= last; n += 1) {
      await firstValueFrom(sending.emit('number', { n }), { defaultValue: undefined });
    }
  }

  it('a consumer or the stream is made again', async () => {
    const counting = await server();
    await send(1, 100);
    expect(await counted(counting, 100)).toEqual(sumsTo(100));
    const manager = await jetstreamManager(sending.unwrap());
    for await (const { name } of manager.consumers.list('EVENTS')) {
      await manager.consumers.delete('EVENTS', name);
    }
    await send(101, 200);
    expect(await counted(counting, 200)).toEqual(sumsTo(200));
    await manager.streams.delete('EVENTS');
    await send(201, 300);
    expect(await counted(counting, 300)).toEqual(sumsTo(300));
  });

  it('messages that were purged before they came are not pending, and make no lag', async () => {
    const one = { servers: broker.url, stream: { partitions: 1 }, maxUncommitted: 1 };
    const counting = await startServer(one);
    servers.push(counting);
    const program = await NatsProgram.connect(broker.url);
    const event = JSON.stringify({ pattern: 'number', data: { n: 1 } });
    for (let n = 1; n <= 3000; n += 1) program.connection.publish('events.0', event);
    await waitUntil('the first', () => counting.tally.total.count > 0);
    await (await jetstreamManager(program.connection)).streams.purge('EVENTS');
    await program.close();
    const partition = () => counting.server.stats().partitions[0];
    await waitUntil('nothing pending', () => partition()?.pending === 0);
    expect(partition()).toMatchObject({ lagSeconds: 0, restarts: 0 });
    expect(counting.tally.total.count).toBeLessThan(3000);
  });

  it.each([
    [
      'a record',
      async () => {
        const bucket = await new Kvm(jetstream(sending.unwrap())).open('EVENTS-sidecar');
        await bucket.delete('partition.0');
      },
    ],
    [
      'the bucket of records',
      async () => {
        await (await jetstreamManager(sending.unwrap())).streams.delete('KV_EVENTS-sidecar');
      },
    ],
    [
      'everything, with the disk,',
      async () => {
        const manager = await jetstreamManager(sending.unwrap());
        await manager.streams.delete('KV_EVENTS-sidecar');
        await manager.streams.delete('EVENTS');
        await broker.stop();
        await broker.start();
      },
    ],
  ])('%s is written again by the owner, which loses and doubles nothing', async (_what, remove) => {
    const counting = await server();
    await send(1, 100);
    expect(await counted(counting, 100)).toEqual(sumsTo(100));
    await remove();
    await send(101, 200);
    expect(await counted(counting, 200)).toEqual(sumsTo(200));
    await waitUntil('all partitions', () => counting.server.isReceiving);
    await counting.close();
    const later = await server();
    await send(201, 300);
    expect(await counted(later, 300)).toEqual(sumsTo(300));
  });
});
