// A thread of its own: an attack that keeps its own thread busy must not look like an app that does not answer.
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { WatchOrder } from './ground.watch.js';
import { megabytesOf } from './process.memory.js';

const EVERY_MS = 100;

const { apps, seen } = workerData as WatchOrder;

function note(place: number, value: number): void {
  seen[place] = Math.max(seen[place] ?? 0, value);
}

/** Resolves with true when an answer has come, whatever it says, and with false when there is none to come. */
function probe(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}/health`, { agent: false }, (answer) => {
      answer.resume();
      answer.once('close', () => resolve(answer.complete));
    });
    request.once('error', () => resolve(false));
  });
}

async function watchHealth(url: string): Promise<void> {
  let waitingSinceMs = performance.now();
  const timer = setInterval(() => note(0, (performance.now() - waitingSinceMs) / 1000), EVERY_MS);
  timer.unref();
  for (;;) {
    const isAnswered = await probe(url);
    note(0, (performance.now() - waitingSinceMs) / 1000);
    if (isAnswered) waitingSinceMs = performance.now() + EVERY_MS;
    await sleep(EVERY_MS);
  }
}

setInterval(() => apps.forEach(({ pid }, index) => note(1 + index, megabytesOf(pid))), EVERY_MS);
for (const { url } of apps) void watchHealth(url);
