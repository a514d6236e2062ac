import { setImmediate as nextTurn } from 'node:timers/promises';
import { monotonicMs } from '../clock.js';
import type { Producer } from '../peers/peer-interface.js';
import { ask, callInTurn, callInWaves } from './request-loop.js';
import { type Answer, type Commands, cpuSeconds, numberOf, residentBytes } from './protocol.js';

/** Events between two checks of the transport's queue. */
const CHUNK_EVENTS = 1024;

/** Emits until `isOver`, in chunks. */
async function sendWhile(producer: Producer, room: (sent: number) => number): Promise<Answer> {
  let sent = 0;
  for (let chunk = room(0); chunk > 0; chunk = room(sent)) {
    const end = sent + Math.min(chunk, CHUNK_EVENTS);
    for (; sent < end; sent += 1) producer.emit(sent, monotonicMs());
    await producer.settle();
  }
  return { sent };
}

/**
 * Open loop: every event carries its due time and is sent as soon as that has come, however slow the peer is. Turns of the
 * event loop and not timers wait for it: Node's timers are no finer than a millisecond, several times the latencies in
 * question.
 */
async function pace(producer: Producer, ratePerSecond: number, seconds: number): Promise<Answer> {
  const startMs = monotonicMs();
  const count = Math.round(ratePerSecond * seconds);
  const gapMs = 1000 / ratePerSecond;
  for (let sent = 0; sent < count;) {
    const now = monotonicMs();
    for (; sent < count && startMs + sent * gapMs <= now; sent += 1) {
      producer.emit(sent, startMs + sent * gapMs);
    }
    await nextTurn();
  }
  return { sent: count };
}

/** Emits without ever waiting, like a producer that does not know that its peer is away. */
async function flood(producer: Producer, count: number): Promise<Answer> {
  for (let sent = 0; sent < count; sent += 1) {
    producer.emit(sent, 0);
    if (sent % CHUNK_EVENTS === 0) await nextTurn();
  }
  return { ...producer.queue?.() };
}

/** The commands of a producer. */
export function producerCommands(producer: Producer): Commands {
  return {
    send: (command) => {
      const count = numberOf(command, 'count');
      return sendWhile(producer, (sent) => count - sent);
    },
    warmUp: (command) => {
      const endMs = monotonicMs() + numberOf(command, 'seconds') * 1000;
      return sendWhile(producer, () => (monotonicMs() < endMs ? CHUNK_EVENTS : 0));
    },
    pace: (command) => pace(producer, numberOf(command, 'ratePerSecond'), numberOf(command, 'seconds')),
    request: (command) =>
      ask(producer, numberOf(command, 'concurrency'), numberOf(command, 'seconds'), callInTurn),
    requestInWaves: (command) =>
      ask(producer, numberOf(command, 'concurrency'), numberOf(command, 'seconds'), callInWaves),
    flood: (command) => flood(producer, numberOf(command, 'count')),
    usage: () => ({ cpuSeconds: cpuSeconds() }),
    memory: () => ({ residentBytes: residentBytes() }),
  };
}
