/** Hostile peers of acknowledged delivery, as the fuzz run and the model found them: one message each that did harm. */
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { Dealer, Router } from 'zeromq';
import { BatchOutcome } from '@app/transport-core';
import { ConsumerSessions } from '../../src/acknowledged/consumer/consumer-sessions.js';
import { ZmqClient } from '../../src/index.js';
import {
  ACK,
  CANCEL,
  decodeAck,
  decodeFailures,
  encodeDeliver,
  HELLO,
  kindFrame,
  READY,
  REPLIES,
} from '../../src/wire/frames.js';
import { MissedEvents } from '../../src/wire/topic-header.js';
import { decodeReady, encodeHello } from '../../src/wire/greeting.js';
import { until } from '../harness/until.js';
import { type Service, ServiceScope, TCP_DEALER_ROUTER } from '../harness/service.js';

@Controller()
class EchoController {
  @EventPattern<string>('event')
  event(): void {}

  @MessagePattern<string>('echo')
  echo(@Payload() data: unknown): unknown {
    return data;
  }
}

const scope = new ServiceScope();
const sockets: { close(): void }[] = [];
afterEach(async () => {
  sockets.splice(0).forEach((socket) => socket.close());
  await scope.dispose();
});

const start = (): Promise<Service> =>
  scope.start({ wiring: TCP_DEALER_ROUTER, controllers: [EchoController] });

async function expectAnswer(service: Service): Promise<void> {
  const client = await service.connect();
  await expect(lastValueFrom(client.send('echo', 'honest'))).resolves.toBe('honest');
}

const NO_TEXT = '[{"toString":1,"valueOf":1}]';

describe('a server', () => {
  it('fails a batch that claims four thousand million events without making a list of them', async () => {
    const service = await start();
    const raw = new Dealer({ linger: 0 });
    sockets.push(raw);
    raw.connect(service.address);
    const producer = { id: 'liar', epoch: 'e', instance: 'i', acked: 0 };
    await raw.send([kindFrame(HELLO), encodeHello(producer)]);
    const [, ready = Buffer.alloc(0)] = await raw.receive();
    const session = decodeReady(ready)?.session ?? '';
    await raw.send([encodeDeliver({ session, previous: 0, first: 1, count: 2 ** 32 - 1 }), '{}']);
    let [head, failures] = await raw.receive();
    while (head?.[0] !== ACK || decodeAck(head)?.sequence === 0) [head, failures] = await raw.receive();
    expect(decodeAck(head)?.sequence).toBe(2 ** 32 - 1);
    expect(decodeFailures(failures)).toHaveLength(1000);
    await expectAnswer(service);
  });

  it('goes on after a CANCEL whose id throws when it is asked for its text', async () => {
    const service = await start();
    const raw = new Dealer({ linger: 0 });
    sockets.push(raw);
    raw.connect(service.address);
    await raw.send([kindFrame(CANCEL), NO_TEXT]);
    await raw.send([kindFrame(CANCEL), `[${'['.repeat(30_000)}${']'.repeat(30_000)}]`]);
    await raw.send([kindFrame(HELLO), encodeHello(undefined)]);
    expect((await raw.receive())[0]).toEqual(kindFrame(READY));
    await expectAnswer(service);
  });
});

const connectTo = (service: Service): Dealer => {
  const raw = new Dealer({ linger: 0 });
  sockets.push(raw);
  raw.connect(service.address);
  return raw;
};

/** Receives until a message of this kind is there. @returns its frames */
async function receive(
  raw: Dealer,
  isIt: (frames: readonly Buffer[]) => boolean,
): Promise<readonly Buffer[]> {
  let frames = await raw.receive();
  while (!isIt(frames)) frames = await raw.receive();
  return frames;
}

/** @returns the token of the session */
async function greet(raw: Dealer, id: string, acked: number): Promise<string> {
  await raw.send([kindFrame(HELLO), encodeHello({ id, epoch: 'e', instance: 'i', acked })]);
  const [, ready = Buffer.alloc(0)] = await receive(raw, ([head]) => head?.[0] === READY);
  return decodeReady(ready)?.session ?? '';
}

const untilAcked = (raw: Dealer, sequence: number) =>
  receive(raw, ([head]) => head?.[0] === ACK && decodeAck(head)?.sequence === sequence);

const counts = (service: Service) => service.server.stats().delivery;

describe('the counters of a server', () => {
  it('take nothing from a batch that claims events and cannot be read', async () => {
    const service = await start();
    const raw = connectTo(service);
    const session = await greet(raw, 'liar', 0);
    await raw.send([encodeDeliver({ session, previous: 0, first: 1, count: 2 ** 32 - 1 }), '{']);
    await untilAcked(raw, 2 ** 32 - 1);
    expect(counts(service)).toMatchObject({ handled: 0, forgotten: 0, queuedEvents: 0 });
  });

  it('take a gap that a batch claims only when it can be read, and no more than a thousand million of it', async () => {
    const service = await start();
    /** The server has event 1 of this producer, and hears then that acknowledgements went beyond it. */
    const claim = async (id: string, acked: number, payload: string): Promise<void> => {
      const raw = connectTo(service);
      let session = await greet(raw, id, 0);
      await raw.send([encodeDeliver({ session, previous: 0, first: 1, count: 1 }), '{}']);
      await untilAcked(raw, 1);
      session = await greet(raw, id, acked);
      await raw.send([encodeDeliver({ session, previous: acked, first: acked + 1, count: 1 }), payload]);
      await untilAcked(raw, acked + 1);
    };
    await claim('a', 2 ** 52, '{');
    expect(counts(service).forgotten).toBe(0);
    await claim('b', 11, '{"pattern":"event","data":1}');
    expect(counts(service).forgotten).toBe(10);
    await claim('c', 2 ** 52, '{"pattern":"event","data":1}');
    expect(counts(service).forgotten).toBe(10 + 1_000_000_000);
  });

  it('take no more events from a stale or repeated batch than it has bytes', async () => {
    const service = await start();
    const raw = connectTo(service);
    const session = await greet(raw, 'liar', 2 ** 40);
    const claim = { previous: 0, first: 1, count: 2 ** 32 - 1 };
    await raw.send([encodeDeliver({ ...claim, session: '0123456789abcdef' }), '{}']);
    await raw.send([encodeDeliver({ ...claim, session }), '{}']);
    await until(() => counts(service).duplicates > 0);
    expect(counts(service)).toMatchObject({ stale: 2, duplicates: 2 });
  });
});

/** The header of a PUB message. */
const topicHeader = (first: bigint): Buffer => {
  const frame = Buffer.alloc(16, 7);
  frame.writeBigUInt64BE(first, 8);
  return frame;
};

describe('the count of missed events', () => {
  it('takes no more than a thousand million from one header', () => {
    const missed = new MissedEvents();
    missed.note('tick', topicHeader(0n), 1);
    expect(missed.note('tick', topicHeader(11n), 1)).toBe(10);
    expect(missed.note('tick', topicHeader(2n ** 63n), 1)).toBe(1_000_000_000);
  });
});

describe('a client', () => {
  it('goes on after an answer whose id throws when it is asked for its text', async () => {
    const router = new Router({ linger: 0 });
    sockets.push(router);
    await router.bind('tcp://127.0.0.1:*');
    const client = new ZmqClient({ pair: 'dealer-router', connect: router.lastEndpoint ?? '' });
    const connecting = client.connect();
    const [peer = Buffer.alloc(0)] = await router.receive();
    await router.send([peer, kindFrame(READY), '{"version":2}']);
    await connecting;
    const answer = lastValueFrom(client.send('echo', 1));
    const [, , packet] = await router.receive();
    const { id } = JSON.parse(String(packet)) as { id: string };
    await router.send([peer, kindFrame(REPLIES), '{"id":{"toString":1,"valueOf":1},"response":1}']);
    await router.send([peer, kindFrame(REPLIES), JSON.stringify({ id, response: 2, isDisposed: true })]);
    await expect(answer).resolves.toBe(2);
    expect(client.linkState).toBe('connected');
    await client.close();
  });
});

/** Greets and delivers one batch. @returns what became of either */
function push(sessions: ConsumerSessions, epoch: string, acked: number): string {
  const welcome = sessions.greet('peer', { id: 'p', epoch, instance: 'i', acked });
  if (welcome.kind !== 'granted') {
    return welcome.kind === 'refused' ? welcome.code : welcome.kind;
  }
  const { session, received } = welcome.grant;
  const header = { session, previous: received, first: received + 1, count: 1 };
  return sessions.receive('peer', header, Buffer.alloc(1), 0);
}

describe('the queue of a producer', () => {
  let tokens = 0;
  const make = (): ConsumerSessions =>
    new ConsumerSessions({
      windowEvents: 4,
      windowBytes: 100,
      maxProducers: 4,
      newSession: () => String((tokens += 1)).padStart(16, '0'),
    });

  it('has a bound, however many epochs a HELLO names', () => {
    const sessions = make();
    const outcomes = Array.from({ length: 100 }, (_, n) => push(sessions, `epoch ${n}`, 0));
    expect(outcomes.slice(0, 4)).toEqual(['queued', 'queued', 'busy', 'busy']);
    expect(sessions.queuedEvents).toBe(2);
  });

  it('has a bound, however much a HELLO says is acknowledged', () => {
    const sessions = make();
    for (let n = 0; n < 100; n += 1) push(sessions, 'epoch', n * 10);
    expect(sessions.queuedEvents).toBe(4);
  });

  it('is free for the next epoch once an earlier one is handled', () => {
    const sessions = make();
    push(sessions, 'first', 0);
    push(sessions, 'second', 0);
    expect(push(sessions, 'third', 0)).toBe('busy');
    const batch = sessions.nextOf('p');
    if (batch !== undefined) sessions.committed(sessions.handled(batch, []), batch);
    expect(push(sessions, 'third', 0)).toBe('queued');
  });
});

describe('the failures of a batch', () => {
  it('are told by their places, where values are the same too, and once for each', async () => {
    const outcome = new BatchOutcome(2);
    [0, 1, 0].forEach((place) => outcome.fail(place, 'no_pattern', ''));
    outcome.dispatched();
    expect((await outcome.settled)?.map(({ index }) => index)).toEqual([2, 3]);
  });
});
