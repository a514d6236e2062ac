import { setTimeout as sleep } from 'node:timers/promises';
import type { GroundAttack } from '../attack.js';
import { type Ground, PUBLISHER_ID, TOKEN } from '../ground/ground.js';
import { deliver, DeliveryPeer, hello, type Introduction, KIND } from '../wire/delivery.peer.js';
import { encodeMessage, ZmtpPeer } from '../wire/zmtp.peer.js';

/** More than the producers that a server follows. */
const MANY = 1_100;
const TRADES = 20;
/** What an honest newcomer may have to wait. */
const WELCOME_MS = 30_000;
const FAILING_MEGABYTES = 32;
const FAILING_EVENTS = 4_000;
const PINGS = 200_000;
const HOLD_MS = 2_000;

function stranger(index: number): Introduction {
  return { id: `stranger-${index}`, epoch: `e-${index}`, instance: `i-${index}`, acked: 0 };
}

let absences = 0;

/**
 * A producer delivers, and is gone before it knows that all was taken; something happens; it comes back and delivers
 * the same again, as the protocol has it: what was counted must not be counted again.
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
  if (opened === undefined) return ['an honest producer was not welcome before the attack'];
  for (const number of numbers) ground.ownTrades.add(number);
  if (!(await before.deliverTrades(opened, 1, numbers))) return ['an honest delivery was not acknowledged'];
  before.close();
  const faults = await happens(absent);
  const after = await DeliveryPeer.open(ground.zmqPort);
  const again = await after.greet({ ...absent, instance: 'second' }, WELCOME_MS);
  if (again === undefined) faults.push(`a producer that was away is not welcome in ${WELCOME_MS / 1000} s`);
  // It believes what READY says; a server that forgot it names 0.
  else if (again.received < TRADES && !(await after.deliverTrades(again, 1, numbers)))
    faults.push('what was delivered again was not acknowledged');
  after.close();
  return faults;
}

/** A new producer wants to deliver. */
async function newcomer(ground: Ground, id: string): Promise<string[]> {
  const numbers = ground.takeNumbers(TRADES);
  const peer = await DeliveryPeer.open(ground.zmqPort);
  const opened = await peer.greet({ id, epoch: `epoch of ${id}`, instance: 'only', acked: 0 }, WELCOME_MS);
  const faults: string[] = [];
  if (opened === undefined) faults.push(`a new producer is not welcome in ${WELCOME_MS / 1000} s`);
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
        for (let index = 0; index < MANY; index += 1) await peer.send(...hello(stranger(index)));
        await peer.next(([frame]) => frame?.[0] === KIND.ready, WELCOME_MS);
        await sleep(HOLD_MS);
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
      await sleep(HOLD_MS);
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
        await squatter.greet({ ...absent, instance: 'squatter' }, WELCOME_MS);
        // In the name of the publisher itself, which is there.
        await squatter.peer.send(...hello({ id: PUBLISHER_ID, epoch: 'x', instance: 'squatter', acked: 0 }));
        return [];
      });
      for (const squatter of squatters) squatter.close();
      return faults;
    },
  },
  {
    name: 'unread-failures',
    title: `${FAILING_MEGABYTES} MB of events that fail, whose ACKs are never read`,
    setting: 'closed',
    isShort: true,
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
  const peer = await DeliveryPeer.open(ground.zmqPort);
  const opened = await peer.greet({ id: 'failing', epoch: 'e', instance: 'i', acked: 0 }, WELCOME_MS);
  if (opened === undefined) return ['a new producer was not welcome'];
  peer.peer.stopReading();
  const events = Array.from({ length: FAILING_EVENTS }, () => ({ type: 'trade', side: 'x' }));
  const batchBytes = JSON.stringify(events).length;
  let first = 1;
  for (let bytes = 0; bytes < FAILING_MEGABYTES * 1024 * 1024; bytes += batchBytes) {
    // Within the window: it goes on when what was sent is handled, without reading that.
    await peer.peer.send(...deliver(opened.session, first, events));
    first += events.length;
    await untilHandled(ground, first - 1);
    if (!peer.peer.isOpen) break;
  }
  await sleep(HOLD_MS);
  peer.close();
  return [];
}

/** Waits until so many events were rejected at least, or a moment without progress. */
async function untilHandled(ground: Ground, events: number): Promise<void> {
  const deadlineMs = performance.now() + 1_000;
  for (;;) {
    const answer = await fetch(`${ground.sidecarUrl}/dead-letters?limit=1`, {
      headers: { authorization: `Bearer ${TOKEN}` },
      signal: AbortSignal.timeout(WELCOME_MS),
    });
    const { rejected } = (await answer.json()) as { rejected: number };
    if (rejected >= events || performance.now() > deadlineMs) return;
    await sleep(10);
  }
}
