import { createHistogram } from 'node:perf_hooks';
import { monotonicMs } from '../clock.js';
import type { Producer } from '../peers/peer-interface.js';
import type { Answer } from './protocol.js';

/** Makes one request and notes its time. */
type Call = () => Promise<void>;

/** How callers continue until the time is over. */
type Calling = (call: Call, concurrency: number, isOver: () => boolean) => Promise<unknown>;

/** Each caller asks again as soon as it has its answer. */
export const callInTurn: Calling = (call, concurrency, isOver) => {
  const caller = async (): Promise<void> => {
    while (!isOver()) await call();
  };
  return Promise.all(Array.from({ length: concurrency }, caller));
};

/** All ask together, and again when the last of them has its answer. */
export const callInWaves: Calling = async (call, concurrency, isOver) => {
  while (!isOver()) await Promise.all(Array.from({ length: concurrency }, call));
};

/** Requests in a closed loop for some seconds: how many were answered, and their round trips in microseconds. */
export async function ask(
  producer: Producer,
  concurrency: number,
  seconds: number,
  calling: Calling,
): Promise<Answer> {
  const histogram = createHistogram({ figures: 3 });
  const startMs = monotonicMs();
  let answered = 0;
  const call = async (): Promise<void> => {
    const askedMs = monotonicMs();
    await producer.request?.(answered);
    histogram.record(Math.max(1, Math.round((monotonicMs() - askedMs) * 1e6)));
    answered += 1;
  };
  await calling(call, concurrency, () => monotonicMs() - startMs >= seconds * 1000);
  return {
    answered,
    seconds: (monotonicMs() - startMs) / 1000,
    p50: histogram.percentile(50) / 1000,
    p99: histogram.percentile(99) / 1000,
  };
}
