import type { OverflowPolicy } from '../delivery.options.js';
import { EventDroppedError, OutboxFullError } from '../errors.js';
import { Deferred } from '../outbox/deferred.js';
import type { DeliveryStage } from './delivery-stage.js';
import type { SpooledBatch } from './spool.interface.js';
import type { StagedBatch } from './staged-batch.js';

/** Events whose `emit` may wait for room at the same time; more are refused. */
const MAX_BLOCKED = 65_536;

/** Told in which batch an event is, and where in it, before the batch gets its numbers. */
export type OnStaged = (batch: StagedBatch, offset: number) => void;

export interface AdmissionOptions {
  readonly stage: DeliveryStage;
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly overflow: OverflowPolicy;
  /** What the spool keeps. */
  readonly kept: () => { readonly events: number; readonly bytes: number };
  /** Gives up the oldest batch that was never sent; undefined when there is none. */
  readonly dropOldest: () => SpooledBatch | undefined;
  readonly onStaged: () => void;
}

/** An event that waits for room. */
interface BlockedEvent {
  readonly part: unknown;
  readonly bytes: number;
  readonly onStaged: OnStaged;
  readonly taken: Deferred<void>;
}

/** The bounds of acknowledged delivery, and what becomes of an event that would pass them. */
export class Admission {
  private readonly blocked: BlockedEvent[] = [];
  private hadToWait = 0;

  constructor(private readonly options: AdmissionOptions) {}

  /** Events that had to wait for room, since the start. */
  get waits(): number {
    return this.hadToWait;
  }

  /**
   * Puts an event into the stage.
   * @returns undefined when it is there, a promise of that when it has to wait
   * @throws OutboxFullError
   */
  take(part: unknown, bytes: number, onStaged: OnStaged): Promise<void> | undefined {
    const { stage, overflow, kept } = this.options;
    if (this.blocked.length === 0 && this.makeRoom(bytes)) {
      this.push(part, bytes, onStaged);
      return undefined;
    }
    if (overflow !== 'block' || this.blocked.length >= MAX_BLOCKED) {
      const { events, bytes: keptBytes } = kept();
      throw new OutboxFullError(stage.events + events, stage.bytes + keptBytes);
    }
    this.hadToWait += 1;
    const taken = new Deferred<void>();
    this.blocked.push({ part, bytes, onStaged, taken });
    return taken.promise;
  }

  /** Lets in who waited for room, first come first served. */
  unblock(): void {
    let next = this.blocked[0];
    while (next !== undefined && this.makeRoom(next.bytes)) {
      this.blocked.shift();
      this.push(next.part, next.bytes, next.onStaged);
      next.taken.resolve();
      next = this.blocked[0];
    }
  }

  /** Nobody waits any more. */
  close(): void {
    for (const { taken } of this.blocked.splice(0)) {
      taken.reject(new EventDroppedError('the client closed before there was room for the event'));
    }
  }

  private push(part: unknown, bytes: number, onStaged: OnStaged): void {
    this.options.stage.push(part, bytes, onStaged);
    this.options.onStaged();
  }

  /** Whether there is room, after older events gave theirs where the policy says so. */
  private makeRoom(bytes: number): boolean {
    while (!this.hasRoomFor(bytes)) {
      if (this.options.overflow !== 'drop-oldest' || this.options.dropOldest() === undefined) {
        return false;
      }
    }
    return true;
  }

  /** Where nothing waits there is room for any event, so that none is refused for ever. */
  private hasRoomFor(bytes: number): boolean {
    const { stage, maxEvents, maxBytes } = this.options;
    const kept = this.options.kept();
    const events = stage.events + kept.events;
    return events === 0 || (events < maxEvents && stage.bytes + kept.bytes + bytes <= maxBytes);
  }
}
