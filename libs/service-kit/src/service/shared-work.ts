import { setTimeout as delay } from 'node:timers/promises';

/** Rests between two runs, as a multiple of what the run took: the work takes at most a tenth of the time. */
const REST_FACTOR = 9;
/** Longest rest, in milliseconds: a client that asks once a second does not notice it. */
const MAX_REST_MS = 100;

/** The time, and how to wait. */
export interface WorkClock {
  nowMs(): number;
  wait(ms: number): Promise<unknown>;
}

const SYSTEM_CLOCK: WorkClock = { nowMs: () => performance.now(), wait: (ms) => delay(ms) };

/**
 * Work whose result is shared by all callers that ask before it begins. It runs once at a time, and rests after each run; callers
 * that ask meanwhile share the next run. So a result is never older than the question, a single caller does not wait at all, and a
 * flood of callers costs at most a tenth of the processor.
 */
export class SharedWork<Key, Result> {
  private readonly waiting = new Map<Key, Promise<Result>>();
  private last: Promise<unknown> = Promise.resolve();
  private restsUntilMs = 0;

  /** @param work runs once for all callers that wait for the same key */
  constructor(
    private readonly work: (key: Key) => Promise<Result>,
    private readonly clock = SYSTEM_CLOCK,
  ) {}

  /** The result of the next run for `key`; when the run fails, it fails for all callers that share it. */
  ask(key: Key): Promise<Result> {
    const waiting = this.waiting.get(key);
    if (waiting !== undefined) return waiting;
    const result = this.takeTurn(key, this.last);
    this.waiting.set(key, result);
    // The callers get a failure; the next run only waits for the end of this one.
    this.last = Promise.allSettled([result]);
    return result;
  }

  private async takeTurn(key: Key, before: Promise<unknown>): Promise<Result> {
    await before;
    const restMs = this.restsUntilMs - this.clock.nowMs();
    if (restMs > 0) await this.clock.wait(restMs);
    // From here on a caller needs a later run.
    this.waiting.delete(key);
    const begunAtMs = this.clock.nowMs();
    try {
      return await this.work(key);
    } finally {
      const endedAtMs = this.clock.nowMs();
      this.restsUntilMs = endedAtMs + Math.min(MAX_REST_MS, (endedAtMs - begunAtMs) * REST_FACTOR);
    }
  }
}
