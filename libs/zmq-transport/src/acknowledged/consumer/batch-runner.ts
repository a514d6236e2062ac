import { setTimeout as delay } from 'node:timers/promises';
import {
  type DeliveryFailure,
  type DeliveryLedger,
  type DeliveryPosition,
  IdleWait,
} from '@app/transport-core';
import type { ConsumerSessions } from './consumer-sessions.js';
import type { ReceivedBatch } from './followed-producer.js';

const COMMIT_RETRY_MS = 100;
const MAX_COMMIT_RETRY_MS = 5000;

export interface BatchRunnerOptions {
  readonly sessions: ConsumerSessions;
  readonly ledger: DeliveryLedger | undefined;
  /**
   * Runs a batch's handlers. Resolves when all have ended: with the events that failed for good, or with undefined when the
   * closing server gave some up. Must not reject.
   */
  readonly handle: (batch: ReceivedBatch) => Promise<readonly DeliveryFailure[] | undefined>;
  /** The ledger kept a position, or there is none; `peer` is undefined when its producer is not connected. */
  readonly onCommitted: (peer: string | undefined) => void;
  /** The ledger could not keep a position; it is tried again. */
  readonly onCommitFailed: (error: unknown) => void;
}

interface Handled {
  readonly position: DeliveryPosition;
  readonly batch: ReceivedBatch;
}

/**
 * Runs received batches: those of one producer one after the other, and with a ledger all batches one after the other. Between
 * two batches a ledger reads what the handlers changed, so nothing else may run then; {@link runExclusive} gives others such a
 * moment.
 */
export class BatchRunner {
  /** Producers that have a batch waiting and none running, the one that waits longest first. */
  private readonly waiting = new Set<string>();
  private readonly running = new Set<string>();
  private readonly exclusive: (() => Promise<void>)[] = [];
  /** The newest position of each producer: what a ledger reads now belongs to these and to no older ones. */
  private readonly newest = new Map<string, DeliveryPosition>();
  private uncommitted = 0;
  /** Batches that were handled and whose positions the ledger did not keep. */
  private unkept: Handled[] = [];
  private isRecommitting = false;
  private locked = false;
  private stopped = false;
  private readonly idle = new IdleWait(() => this.isIdle);

  constructor(private readonly options: BatchRunnerOptions) {}

  /** This producer may have a batch that can start. */
  notify(producer: string): void {
    if (
      !this.stopped &&
      !this.running.has(producer) &&
      this.options.sessions.nextOf(producer) !== undefined
    ) {
      this.waiting.add(producer);
    }
    this.pump();
  }

  /** Whether nothing runs, waits, or is on its way to the ledger. */
  get isIdle(): boolean {
    const committing = this.uncommitted - (this.stopped ? this.unkept.length : 0);
    return this.running.size + committing + this.exclusive.length === 0 && !this.hasNext && !this.locked;
  }

  /** Resolves when nothing runs, waits, or is on its way to the ledger. */
  untilIdle(): Promise<void> {
    return this.idle.until();
  }

  /** No batch starts any more: what still waits is not acknowledged, and its producer will send it again. */
  stop(): void {
    this.stopped = true;
    this.waiting.clear();
    this.idle.signal();
  }

  /** Batches may start again. */
  resume(): void {
    this.stopped = false;
    if (this.unkept.length > 0) {
      this.recommit();
    }
    for (const producer of this.options.sessions.producersWithWork()) {
      this.notify(producer);
    }
  }

  /** Runs `work` while no batch is handled and no other such work runs. */
  runExclusive<T>(work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.exclusive.push(async () => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error as Error);
        }
      });
      this.pump();
    });
  }

  private get hasNext(): boolean {
    return this.waiting.size > 0;
  }

  private pump(): void {
    while (!this.locked) {
      if (this.exclusive.length > 0) {
        this.startExclusive();
        return;
      }
      const [producer] = this.waiting;
      if (
        this.stopped ||
        producer === undefined ||
        (this.options.ledger !== undefined && this.running.size > 0)
      ) {
        break;
      }
      this.waiting.delete(producer);
      this.start(producer);
    }
    this.idle.signal();
  }

  private startExclusive(): void {
    if (this.running.size > 0) {
      return;
    }
    this.locked = true;
    const work = this.exclusive.shift();
    void work?.().then(() => {
      this.locked = false;
      this.pump();
    });
  }

  private start(producer: string): void {
    const batch = this.options.sessions.nextOf(producer);
    if (batch !== undefined) {
      this.running.add(producer);
      void this.run(batch);
    }
  }

  private async run(batch: ReceivedBatch): Promise<void> {
    const { sessions, handle } = this.options;
    const failures = await handle(batch);
    this.running.delete(batch.producer);
    if (failures !== undefined) {
      this.commit({ position: sessions.handled(batch, failures), batch });
    }
    if (!this.stopped && sessions.nextOf(batch.producer) !== undefined) {
      this.waiting.add(batch.producer);
    }
    this.pump();
  }

  /** In the same turn as the end of the handlers: the ledger reads what they changed. */
  private commit(handled: Handled): void {
    const { ledger } = this.options;
    const committing = this.keep(handled.position);
    if (ledger !== undefined) {
      this.newest.set(handled.position.producer, handled.position);
    }
    if (committing === undefined) {
      this.onCommitted(handled);
      return;
    }
    this.uncommitted += 1;
    committing.then(
      () => this.onDurable(handled),
      (error: unknown) => {
        this.options.onCommitFailed(error);
        this.unkept.push(handled);
        this.recommit();
      },
    );
  }

  /** A ledger that throws at once has failed like one that rejects. */
  private keep(position: DeliveryPosition): Promise<void> | undefined {
    try {
      return this.options.ledger?.commit(position);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  private onDurable(handled: Handled): void {
    this.uncommitted -= 1;
    this.onCommitted(handled);
    this.idle.signal();
  }

  private onCommitted({ position, batch }: Handled): void {
    this.options.onCommitted(this.options.sessions.committed(position, batch));
  }

  /** A producer's position is not needed any more. */
  forget(producer: string): void {
    this.newest.delete(producer);
  }

  /**
   * Meanwhile no batch is handled: what the ledger cannot keep must not grow. One successful commit keeps the newest positions
   * of all producers.
   */
  private recommit(): void {
    if (this.isRecommitting) {
      return;
    }
    this.isRecommitting = true;
    void this.runExclusive(async () => {
      await this.commitUntilKept();
      this.isRecommitting = false;
    });
  }

  private async commitUntilKept(): Promise<void> {
    let waitMs = COMMIT_RETRY_MS;
    // This loop's next commit also repeats one that fails meanwhile.
    while (this.unkept.length > 0) {
      await delay(waitMs, undefined, { ref: false });
      if (this.stopped) {
        return;
      }
      const unkept = [...this.unkept];
      try {
        await this.commitNewest(unkept);
        this.unkept = this.unkept.slice(unkept.length);
        unkept.forEach((handled) => this.onDurable(handled));
        waitMs = COMMIT_RETRY_MS;
      } catch (error) {
        this.options.onCommitFailed(error);
        waitMs = Math.min(waitMs * 2, MAX_COMMIT_RETRY_MS);
      }
    }
  }

  private async commitNewest(unkept: readonly Handled[]): Promise<void> {
    const producers = new Set(unkept.map(({ position }) => position.producer));
    const newest = [...producers].flatMap((producer) => this.newest.get(producer) ?? []);
    await Promise.all(newest.map((position) => this.keep(position)));
  }
}
