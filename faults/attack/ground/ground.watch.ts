import { Worker } from 'node:worker_threads';

/** An app that is looked at. */
export interface WatchedApp {
  readonly url: string;
  readonly pid: number;
}

/** What the watching thread is told. */
export interface WatchOrder {
  readonly apps: readonly WatchedApp[];
  /** Shared: the longest wait for an answer in seconds, the most work in one, then the most memory of each app in MB. */
  readonly seen: Float64Array;
}

/** What was seen until the watch ended. */
export interface WatchReport {
  /** The longest wait for an answer of any app, one that had not ended included. */
  readonly worstHealthSeconds: number;
  /**
   * The most that an app worked while one question waited, in seconds of processor time: a machine that is busy with
   * other things makes a wait longer, and this not.
   */
  readonly worstHealthWorkSeconds: number;
  /** By app; 0 where the system does not show it. */
  readonly peakMegabytes: readonly number[];
}

/** Asks the apps for /health all the time, and looks at their memory, from a thread of its own. */
export class GroundWatch {
  private readonly seen: Float64Array;
  private readonly worker: Worker;

  constructor(apps: readonly WatchedApp[]) {
    this.seen = new Float64Array(new SharedArrayBuffer((2 + apps.length) * Float64Array.BYTES_PER_ELEMENT));
    const workerData: WatchOrder = { apps, seen: this.seen };
    this.worker = new Worker(new URL('./watch.worker.js', import.meta.url), { workerData });
  }

  async end(): Promise<WatchReport> {
    await this.worker.terminate();
    const [worstHealthSeconds = 0, worstHealthWorkSeconds = 0, ...peakMegabytes] = this.seen;
    return { worstHealthSeconds, worstHealthWorkSeconds, peakMegabytes };
  }
}
