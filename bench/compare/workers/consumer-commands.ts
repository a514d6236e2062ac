import { setTimeout as sleep } from 'node:timers/promises';
import { monotonicMs } from '../clock.js';
import { type Answer, type Commands, cpuSeconds, numberOf, residentBytes } from './protocol.js';
import type { Sink } from './sink-interface.js';

const LOOK_EVERY_MS = 5;

/** Waits for `target` events; gives up when none came for `patienceMs`: the missing ones are lost then. */
async function arrived(sink: Sink, target: number, patienceMs: number): Promise<Answer> {
  let seen = sink.count;
  let seenMs = monotonicMs();
  while (sink.count < target && monotonicMs() - seenMs < patienceMs) {
    await sleep(LOOK_EVERY_MS);
    if (sink.count !== seen) {
      seen = sink.count;
      seenMs = monotonicMs();
    }
  }
  return { count: sink.count, seconds: sink.secondsUntil(seenMs) };
}

/** The commands of a consumer. */
export function consumerCommands(sink: Sink): Commands {
  return {
    expect: (command) => {
      sink.expect(numberOf(command, 'target') || Number.POSITIVE_INFINITY);
      return {};
    },
    arrived: (command) => arrived(sink, numberOf(command, 'target'), numberOf(command, 'patienceMs')),
    count: () => ({ count: sink.count }),
    latency: () => ({ count: sink.count, ...sink.latencyMicroseconds() }),
    usage: () => ({ cpuSeconds: cpuSeconds() }),
    memory: () => ({ residentBytes: residentBytes() }),
  };
}
