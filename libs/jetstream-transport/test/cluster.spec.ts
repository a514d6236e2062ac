import { Logger } from '@nestjs/common';
import { JetStreamClient } from '../src/index.js';
import { waitUntil } from '../../../testing/wait.js';
import { describeWith } from '../../../testing/installed.js';
import { NatsCluster } from '../../../testing/nats.js';
import { startServer, sumsTo, SILENT } from './harness/tally.js';

Logger.overrideLogger(SILENT);
describeWith('nats-server', 'a cluster of three', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it('loses and doubles nothing when one of its servers is killed under load, and comes back', async () => {
    const cluster = await NatsCluster.start();
    closing.push(() => cluster.dispose());
    const options = { servers: cluster.urls, stream: { partitions: 2, replicas: 3 as const } };
    const counting = await startServer(options);
    closing.push(() => counting.close());
    const client = new JetStreamClient({ ...options, confirmTimeoutMs: 1000, overflow: 'block' });
    closing.push(() => client.close());
    await client.open();
    const total = 6000;
    for (let n = 1; n <= total; n += 1) {
      client.offer('number', { n });
      if (n % 100 === 0) await waitUntil('room', () => client.stats().queuedEvents < 2000);
      if (n === total / 3) await cluster.kill(0);
      if (n === (2 * total) / 3) await cluster.restart(0);
    }
    await waitUntil('all confirmations', () => client.stats().queuedEvents === 0);
    await waitUntil('all events', () => counting.tally.total.count >= total);
    expect(counting.tally.total).toEqual(sumsTo(total));
  });
});
