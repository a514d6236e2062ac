import { setImmediate as nextTurn } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import { Router } from 'zeromq';
import { ZmqClient, ZmqServer } from '../../../src/index.js';
import { decodeDeliver, DELIVER } from '../../../src/wire/frames.js';
import { until } from '../../harness/until.js';
import type { FuzzOptions } from './fuzz-options.js';
import { HeapWatch } from '../../../../transport-core/test/harness/heap-watch.js';
import { MessageMutator } from './message-mutator.js';
import { seededRandom } from './seeded-random.js';
import type { ClientOutcome } from './verdict.js';

const MESSAGES_A_TURN = 100;
const MAX_KEPT_EVENTS = 5000;

/**
 * Mutated messages from a hostile server against a real client. Then an honest server takes its address: the client has
 * to find it, to bring over what is not acknowledged, and to get its answers.
 */
export async function fuzzClient({
  frames,
  seed,
  onProgress,
}: FuzzOptions): Promise<ClientOutcome & Record<string, unknown>> {
  const random = seededRandom(seed);
  const mutator = new MessageMutator(random);
  const router = new HostileRouter(new Router({ linger: 0, sendTimeout: 2000, mandatory: true }));
  await router.socket.bind('tcp://127.0.0.1:*');
  const address = router.socket.lastEndpoint ?? '';
  router.listen();
  const client = new ZmqClient({
    pair: 'dealer-router',
    connect: address,
    delivery: { mode: 'acknowledged', producerId: 'victim', ackTimeoutMs: 50 },
    outbox: { maxEvents: MAX_KEPT_EVENTS },
    reconnectIntervalMs: 10,
    reconnectMaxIntervalMs: 50,
    requestTimeoutMs: 200,
    lingerMs: 0,
  });
  await client.open();
  await until(() => router.peer !== undefined);
  const heap = new HeapWatch();
  let emitted = 0;
  let asked = 0;
  for (let sent = 0; sent < frames; sent += 1) {
    const session = random.below(4) === 0 ? '00000000000000ff' : '0123456789abcdef';
    await router.send(mutator.toClient(session, router.highest));
    if (sent % MESSAGES_A_TURN === 0) {
      await nextTurn();
      client.emit('honest', { n: (emitted += 1) });
      if (client.stats().pendingRequests < 10) {
        asked += 1;
        client.send('echo', asked).subscribe({ error: () => undefined });
      }
    }
    if (sent % 50_000 === 0) {
      onProgress?.(`client: ${sent} messages, ${heap.sample().toFixed(1)} MiB`);
    }
  }
  const during = client.stats();
  router.socket.close();
  const after = await meetHonestServer(client, address);
  heap.sample();
  await client.close();
  return {
    messages: frames,
    emitted,
    asked,
    acknowledgedByLies: during.delivery?.acknowledged,
    after,
    heapMib: { start: heap.startMib, max: heap.maxMib },
  };
}

async function meetHonestServer(
  client: ZmqClient,
  bind: string,
): Promise<ClientOutcome['after'] & Record<string, unknown>> {
  const applied: number[] = [];
  const server = new ZmqServer({ pair: 'dealer-router', bind, lingerMs: 0, drainTimeoutMs: 500 });
  // libzmq gives an address back a moment after its socket was closed.
  const isBound = (): Promise<boolean> =>
    new Promise((resolve) => {
      server.listen((error) => resolve(error === undefined));
    });
  server.addHandler('honest', async ({ n }: { n: number }) => void applied.push(n), true);
  server.addHandler('echo', async (data: unknown) => data, false);
  await until(isBound);
  await until(() => client.linkState === 'connected');
  const waiting = client.stats().delivery?.unacknowledgedEvents ?? 0;
  client.emit('honest', { n: -1 });
  await until(() => client.stats().delivery?.unacknowledgedEvents === 0);
  const answer = await lastValueFrom(client.send('echo', 'right'));
  await server.close();
  return {
    waiting,
    applied: applied.length,
    twice: applied.length - new Set(applied).size,
    hasLast: applied.at(-1) === -1,
    answer,
  };
}

/** A server that means harm: it hears what its client sends, and answers something else. */
class HostileRouter {
  peer: Buffer | undefined;
  /** The number of the last event that it was sent. */
  highest = 0;

  constructor(readonly socket: Router) {}

  listen(): void {
    void this.hear();
  }

  async send(frames: Buffer[]): Promise<void> {
    if (this.peer !== undefined && frames.length > 0) {
      await this.socket.send([this.peer, ...frames]);
    }
  }

  private async hear(): Promise<void> {
    for await (const [peer, head] of this.socket) {
      this.peer = peer;
      const header = head?.[0] === DELIVER ? decodeDeliver(head) : undefined;
      if (header !== undefined) {
        this.highest = Math.max(this.highest, header.first + header.count - 1);
      }
    }
  }
}
