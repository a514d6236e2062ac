import { Worker } from 'node:worker_threads';

/** An app to watch. */
export interface WatchedApp {
  readonly url: string;
  readonly pid: number;
}

/** The data of the watching thread. */
export interface WatchOrder {
  readonly apps: readonly WatchedApp[];
  /** Shared: the longest wait for an answer in seconds, the most work in one, then the most memory of each app in MB. */
  readonly seen: Float64Array;
}

/** The results of the watch. */
export interface WatchReport {
  /** The longest wait for an answer of any app, including a wait that had not ended. */
  readonly worstHealthSeconds: number;
  /**
   * The most processor time, in seconds, that an app used while one request waited: other work on the machine makes a wait
   * longer, but not this.
   */
  readonly worstHealthWorkSeconds: number;
  /** By app; 0 where the system does not show it. */
  readonly peakMegabytes: readonly number[];
}

/** Asks the apps for /health all the time and reads their memory use, in its own thread. */
export class GroundWatch {
  private readonly seen: Float64Array;
  private readonly worker: Worker;

  constructor(apps: readonly WatchedApp[]) {
    this.seen = new Float64Array(new SharedArrayBuffer((2 + apps.length) * Float64Array.BYTES_PER_ELEMENT));
    const workerData: WatchOrder = { apps, seen: this.seen };
    this.worker = new Worker(new URL('./watch-worker.js', import.meta.url), { workerData });
  }

  async end(): Promise<WatchReport> {
    await this.worker.terminate();
    const [worstHealthSeconds = 0, worstHealthWorkSeconds = 0, ...peakMegabytes] = this.seen;
    return { worstHealthSeconds, worstHealthWorkSeconds, peakMegabytes };
  }
}
