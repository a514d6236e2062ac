// A separate thread: an attack that keeps its own thread busy must not look like an app that does not answer.
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import type { WatchedApp, WatchOrder } from './ground-watch.js';
import { megabytesOf, processorSecondsOf } from './process-memory.js';

const EVERY_MS = 100;

const { apps, seen } = workerData as WatchOrder;

function note(place: number, value: number): void {
  seen[place] = Math.max(seen[place] ?? 0, value);
}

/** Resolves with true when an answer has come, whatever it says, and with false when none will come. */
function probe(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(`${url}/health`, { agent: false }, (answer) => {
      answer.resume();
      answer.once('close', () => resolve(answer.complete));
    });
    request.once('error', () => resolve(false));
  });
}

/** The time, and the processor time that the app has used by then. */
function momentOf(pid: number): { seconds: number; processorSeconds: number } {
  const seconds = performance.now() / 1000;
  // Where the system does not show it, all elapsed time counts as work.
  return { seconds, processorSeconds: processorSecondsOf(pid) ?? seconds };
}

async function watchHealth({ url, pid }: WatchedApp): Promise<void> {
  let asked = momentOf(pid);
  const noteWait = (): void => {
    const now = momentOf(pid);
    note(0, now.seconds - asked.seconds);
    note(1, now.processorSeconds - asked.processorSeconds);
  };
  setInterval(noteWait, EVERY_MS).unref();
  for (;;) {
    asked = momentOf(pid);
    while (!(await probe(url))) await sleep(EVERY_MS);
    noteWait();
    await sleep(EVERY_MS);
  }
}

setInterval(() => apps.forEach(({ pid }, index) => note(2 + index, megabytesOf(pid))), EVERY_MS);
for (const app of apps) void watchHealth(app);
