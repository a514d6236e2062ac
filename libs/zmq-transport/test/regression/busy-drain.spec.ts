/** A drain on a machine that is busy: an event loop that comes late must not take what has arrived for nothing. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ZmqClient } from '../../src/index.js';
import { startTickApp } from '../harness/tick-app.js';
import { until } from '../harness/until.js';

/** Longer than a draining socket may be quiet. */
const BLOCKED_MS = 80;

function block(): void {
  const end = performance.now() + BLOCKED_MS;
  while (performance.now() < end);
}

describe('a server that drains while its event loop is held up again and again', () => {
  it('receives all that was sent', async () => {
    const tick = await startTickApp({ drainTimeoutMs: 15_000, highWaterMark: 1 });
    const client = new ZmqClient({ connect: tick.address, maxBatchEvents: 1, highWaterMark: 1000 });
    await client.open();
    await until(() => client.linkState === 'connected');
    for (let n = 0; n < 300; n += 1) {
      client.emit('tick', { n });
    }
    // All of it is ZeroMQ's now, and on its way.
    await client.close();
    const draining = tick.server.drain();
    while (tick.server.stats().state !== 'closed') {
      block();
      await nextTurn();
    }
    await draining;
    expect(tick.numbers()).toEqual(Array.from({ length: 300 }, (_, n) => n));
    await tick.app.close();
  });
});
