import { setTimeout as sleep } from 'node:timers/promises';
import type { GroundAttack } from '../attack.js';
import { type Ground, PUBLISHER_ID } from '../ground/ground.js';
import { deliver, DeliveryPeer, hello, type Introduction, KIND } from '../wire/delivery-peer.js';
import { encodeMessage, ZmtpPeer } from '../wire/zmtp-peer.js';

/** More producers than a server follows. */
const MANY = 1_100;
const TRADES = 20;
/** How long an honest newcomer may have to wait. */
const WELCOME_MS = 30_000;
const ASK_AGAIN_MS = 1_000;
/** Several of these batches, handled and not durable yet, fit into the window that a producer has without an ACK. */
const FAILING_EVENTS = 500;
const FAILING_BATCHES = 1_000;
/** A server that stops taking from a peer that does not read has passed. */
const HANDLED_MS = 15_000;
const SLICE = 100;
const PINGS = 200_000;
const HOLD_MS = 2_000;

function stranger(index: number): Introduction {
  return { id: `stranger-${index}`, epoch: `e-${index}`, instance: `i-${index}`, acked: 0 };
}

/**
 * Resolves when the server has processed what was sent before. It keeps only a few answers for a peer that asks faster than it
 * reads, so it may leave the PONG out.
 */
async function answerTo(peer: ZmtpPeer, mark: number): Promise<void> {
  const deadlineMs = performance.now() + WELCOME_MS;
  const isAnswer = ([kind, text]: readonly Buffer[]): boolean =>
    kind?.[0] === KIND.pong && String(text) === String(mark);
  do {
    await peer.send(Buffer.from([KIND.ping]), String(mark));
    if ((await peer.next(isAnswer, ASK_AGAIN_MS)) !== undefined) return;
  } while (peer.isOpen && performance.now() < deadlineMs);
  throw new Error(`no answer to PING ${mark} in ${WELCOME_MS / 1000} s`);
}

let absences = 0;

/**
 * A producer delivers and leaves before it knows that all was taken; something happens; it comes back and delivers the same
 * again, as the protocol says. Nothing may be counted twice.
 */
async function whileAbsent(
  ground: Ground,
  happens: (absent: Introduction) => Promise<string[]>,
): Promise<string[]> {
  absences += 1;
  const absent = { id: `absent-${absences}`, epoch: `epoch-${absences}`, instance: 'first', acked: 0 };
  const numbers = ground.takeNumbers(TRADES);
  const before = await DeliveryPeer.open(ground.zmqPort);
  const opened = await before.greet(absent, WELCOME_MS);
  if (opened === undefined) return ['an honest producer was not let in before the attack'];
  for (const number of numbers) ground.ownTrades.add(number);
  if (!(await before.deliverTrades(opened, 1, numbers))) return ['an honest delivery was not acknowledged'];
  before.close();
  const faults = await happens(absent);
  const after = await DeliveryPeer.open(ground.zmqPort);
  const again = await after.greet({ ...absent, instance: 'second' }, WELCOME_MS);
  if (again === undefined) faults.push(`an absent producer is not let in within ${WELCOME_MS / 1000} s`);
  // It believes the numbers in READY; a server that forgot the producer names 0.
  else if (again.received < TRADES && !(await after.deliverTrades(again, 1, numbers)))
    faults.push('a repeated delivery was not acknowledged');
  after.close();
  return faults;
}

/** A new producer wants to deliver. */
async function newcomer(ground: Ground, id: string): Promise<string[]> {
  const numbers = ground.takeNumbers(TRADES);
  const peer = await DeliveryPeer.open(ground.zmqPort);
  const opened = await peer.greet({ id, epoch: `epoch of ${id}`, instance: 'only', acked: 0 }, WELCOME_MS);
  const faults: string[] = [];
  if (opened === undefined) faults.push(`a new producer is not let in within ${WELCOME_MS / 1000} s`);
  else {
    for (const number of numbers) ground.ownTrades.add(number);
    if (!(await peer.deliverTrades(opened, 1, numbers))) faults.push('a new producer got no acknowledgement');
  }
  peer.close();
  return faults;
}

/** Holes 3 a, 3 c and 4: what a peer of acknowledged delivery can do. */
export const producerAttacks: readonly GroundAttack[] = [
  {
    name: 'hello-flood',
    title: `${MANY} HELLOs of as many names on one connection, while an honest producer is away`,
    setting: 'closed',
    isShort: true,
    run: (ground) =>
      whileAbsent(ground, async () => {
        const peer = await ZmtpPeer.open(ground.zmqPort, 'DEALER');
        for (let index = 0; index < MANY; index += 1) {
          await peer.send(...hello(stranger(index)));
          // In slices that the server processes one by one: a queue full of answers would hide the rest.
          if (index % SLICE === 0) await answerTo(peer, index);
        }
        await answerTo(peer, MANY);
        peer.close();
        return [];
      }),
  },
  {
    name: 'hello-epoch',
    title: "a HELLO with an absent producer's name and another epoch",
    setting: 'closed',
    isShort: true,
    run: (ground) =>
      whileAbsent(ground, async (absent) => {
        const peer = await DeliveryPeer.open(ground.zmqPort);
        await peer.greet({ ...absent, epoch: 'another', instance: 'stranger' }, WELCOME_MS);
        await peer.greet({ ...absent, epoch: 'a third', instance: 'stranger', acked: 1_000_000 }, WELCOME_MS);
        peer.close();
        return [];
      }),
  },
  {
    name: 'hello-idle',
    title: `${MANY} connections that say HELLO and nothing more: a new producer comes`,
    setting: 'closed',
    isShort: true,
    async run(ground) {
      const peers = await Promise.all(
        Array.from({ length: MANY }, () => ZmtpPeer.open(ground.zmqPort, 'DEALER')),
      );
      await Promise.all(peers.map((peer, index) => peer.send(...hello(stranger(index)))));
      await Promise.all(peers.map((peer, index) => answerTo(peer, index)));
      const faults = await newcomer(ground, 'late');
      for (const peer of peers) peer.close();
      return faults;
    },
  },
  {
    name: 'hello-squatter',
    title: 'an idle connection that holds the name of a producer that was away',
    setting: 'closed',
    isShort: true,
    async run(ground) {
      const squatters: DeliveryPeer[] = [];
      const faults = await whileAbsent(ground, async (absent) => {
        const squatter = await DeliveryPeer.open(ground.zmqPort);
        squatters.push(squatter);
        await squatter.greet({ ...absent, epoch: 'a guess', instance: 'squatter' }, WELCOME_MS);
        // In the name of the publisher itself, which is connected.
        await squatter.peer.send(...hello({ id: PUBLISHER_ID, epoch: 'x', instance: 'squatter', acked: 0 }));
        return [];
      });
      for (const squatter of squatters) squatter.close();
      return faults;
    },
  },
  {
    name: 'unread-failures',
    title: `${FAILING_BATCHES * FAILING_EVENTS} events that fail, whose ACKs are never read`,
    setting: 'closed',
    isShort: false,
    bounds: { peakMegabytes: 100, keptMegabytes: 60 },
    run: failUnread,
  },
  {
    name: 'unread-pongs',
    title: `${PINGS} PINGs, and as many HELLOs, whose answers are never read`,
    setting: 'closed',
    isShort: false,
    async run(ground) {
      const peer = await ZmtpPeer.open(ground.zmqPort, 'DEALER');
      peer.stopReading();
      const pings = encodeMessage([Buffer.from([KIND.ping]), Buffer.alloc(64)]);
      const hellos = encodeMessage(hello(stranger(0)));
      for (let index = 0; index < PINGS; index += 100) {
        await peer.write(Buffer.concat(Array.from({ length: 100 }, () => Buffer.concat([pings, hellos]))));
      }
      await sleep(HOLD_MS);
      peer.close();
      return [];
    },
  },
];

async function failUnread(ground: Ground): Promise<string[]> {
  const producer = await DeliveryPeer.open(ground.zmqPort);
  const opened = await producer.greet({ id: 'failing', epoch: 'e', instance: 'i', acked: 0 }, WELCOME_MS);
  if (opened === undefined) return ['a new producer was not let in'];
  const before = await ground.rejected();
  producer.peer.stopReading();
  const events = Array.from({ length: FAILING_EVENTS }, () => ({}));
  let handled = 0;
  for (let batch = 0; batch < FAILING_BATCHES && producer.peer.isOpen; batch += 1) {
    await producer.peer.send(...deliver(opened.session, 1 + handled, events));
    if (!(await ground.hasRejected(before + handled + FAILING_EVENTS, HANDLED_MS))) break;
    handled += FAILING_EVENTS;
  }
  producer.close();
  return handled === 0 ? ['no batch was handled: the attack tried nothing'] : [];
}
