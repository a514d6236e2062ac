import { setTimeout as sleep } from 'node:timers/promises';
import type { ArrivalSchedule } from './arrival.schedule.js';

/** Where a run stands. */
export interface Progress {
  readonly elapsedSeconds: number;
  readonly dueCount: number;
  readonly totalCount: number;
}

/** One millisecond is as fine as Node's timers go: events due in between go out together, at the tick. */
const TICK_MS = 1;

/**
 * Calls `send` for every event once it is due. It never waits for an answer, so a slow receiver does not slow the
 * arrivals down, and each event carries the time it was *due*, from which latency is counted: a pause of the sender
 * or of the receiver shows in full (no coordinated omission).
 * @param send gets the event's index and its due time, in seconds since the Unix epoch
 */
export async function pace(
  schedule: ArrivalSchedule,
  send: (index: number, dueEpochSeconds: number) => void,
  onTick: (progress: Progress) => void,
): Promise<void> {
  const startMs = performance.now();
  const startEpochSeconds = (performance.timeOrigin + startMs) / 1000;
  let next = 0;
  while (next < schedule.count) {
    const elapsedSeconds = (performance.now() - startMs) / 1000;
    while (next < schedule.count && schedule.dueSeconds(next) <= elapsedSeconds) {
      send(next, startEpochSeconds + schedule.dueSeconds(next));
      next += 1;
    }
    onTick({ elapsedSeconds, dueCount: next, totalCount: schedule.count });
    await sleep(TICK_MS);
  }
}
