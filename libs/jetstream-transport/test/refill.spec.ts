import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import type { JetStreamClient } from '../src/index.js';
import { describeWith } from '../../../testing/installed.js';
import { NatsProgram } from '../../../testing/nats.js';
import { brokerPerTest } from './harness/broker-per-test.js';
import { waitUntil } from '../../../testing/wait.js';
import { counted, emitTo, type Numbered, SILENT, startServer, sumsTo, Tally } from './harness/tally.js';

Logger.overrideLogger(SILENT);

describeWith('nats-server', 'JetStream: the refill', () => {
  const at = brokerPerTest();
  const { client, closing, server } = at;

  /** A server counts what `give` gives, and ends. */
  async function countBefore(events: number, give: () => void | Promise<void>): Promise<void> {
    const before = await startServer({ servers: at.broker.url, stream: { partitions: 3 } });
    await give();
    expect(await counted([before], events)).toEqual(sumsTo(events));
    await before.close();
  }

  const countEmitted = (sending: JetStreamClient, events: number): Promise<void> =>
    countBefore(events, () => emitTo(sending, 1, events));

  /** Messages of three partitions in turn. */
  const countPublished = (messages: number, data: (n: number) => Numbered): Promise<void> =>
    countBefore(messages, async () => {
      const program = await NatsProgram.connect(at.broker.url);
      closing.push(() => program.close());
      for (let n = 1; n <= messages; n += 1)
        await program.publish(`events.${n % 3}`, { pattern: 'number', data: data(n) });
    });

  it('shows a new server the last minutes again, without counting them', async () => {
    const sending = client();
    await countEmitted(sending, 300);
    const after = await server({ refillMs: 60_000 });
    await waitUntil('the refill', () => after.tally.seenAgain.length === 300);
    expect(await counted([after], 300)).toEqual(sumsTo(300));
  });

  it('reads no further when the state says that it wants no more', async () => {
    await countPublished(30, (n) => ({ n }));
    const tally = new Tally();
    tally.refillTurn = Promise.resolve(false);
    await server({ refillMs: 60_000 }, tally);
    await waitUntil('the end of the refill', () => tally.refilledPartitions.length === 3);
    expect(tally.seenAgain).toHaveLength(3);
  });

  it('gives all else a turn while it reads much that has arrived', async () => {
    const text = 'x'.repeat(64 * 1024);
    await countPublished(90, (n) => ({ n, text }) as Numbered);
    const connection = await connect({ servers: at.broker.url });
    closing.push(() => connection.close());
    const tally = new Tally();
    let goOn: (() => void) | undefined;
    tally.refillTurn = new Promise((resolve) => (goOn = resolve));
    await server({ refillMs: 60_000 }, tally);
    const { consumers } = await jetstreamManager(connection);
    await waitUntil('what is to be read', async () => {
      const all = await consumers.list('EVENTS').next();
      const reading = all.filter(({ config }) => config.ack_policy === 'none');
      return reading.length === 3 && reading.every(({ num_pending }) => num_pending === 0);
    });
    const seen = [tally.seenAgain.length];
    const look = (): void => {
      seen.push(tally.seenAgain.length);
      if (tally.refilledPartitions.length < 3) setImmediate(look);
    };
    setImmediate(look);
    goOn?.();
    await waitUntil('the end of the refill', () => tally.refilledPartitions.length === 3);
    // Eight messages of each partition are a turn.
    const most = Math.max(...seen.map((count, index) => count - (seen[index - 1] ?? count)));
    expect(most).toBeLessThanOrEqual(3 * 8);
    expect(tally.seenAgain).toHaveLength(90);
  });

  it('handles what comes while the last minutes are read again, and reads them once, also over a lost connection', async () => {
    const sending = client();
    await countEmitted(sending, 300);

    const tally = new Tally();
    let goOn: (() => void) | undefined;
    tally.refillTurn = new Promise((resolve) => (goOn = resolve));
    const after = await server({ refillMs: 60_000 }, tally);
    await waitUntil('the first of them', () => tally.seenAgain.length > 0);
    emitTo(sending, 301, 400);
    expect(await counted([after], 400)).toEqual(sumsTo(400));
    // A partition without events has nothing to wait for.
    expect(tally.refilledPartitions.length).toBeLessThan(3);

    await at.broker.stop();
    await waitUntil('the server to notice', () => !after.server.isReceiving);
    goOn?.();
    await at.broker.start();
    await waitUntil('the end of the refill', () => tally.refilledPartitions.length === 3);
    expect(
      tally.seenAgain.map((event) => (event as { data: Numbered }).data.n).sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
    expect(await counted([after], 400)).toEqual(sumsTo(400));
  });
});
