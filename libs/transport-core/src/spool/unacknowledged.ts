import { createHash } from 'node:crypto';
import type { LoggerService } from '@nestjs/common';
import type { Codec } from '../codec/codec.js';
import {
  type DeliveryFailure,
  EventDroppedError,
  EventFailedError,
  OutboxFullError,
  SpoolFailedError,
} from '../errors.js';
import type { EmitStage, OverflowPolicy } from '../options.js';
import type { Batch } from '../outbox/batch.js';
import { Deque } from '../outbox/deque.js';
import { type BatchLimits, type EventQueue, Outbox } from '../outbox/outbox.js';
import { TurnScheduler } from '../outbox/turn-scheduler.js';
import { Deferred } from '../outbox/waiting.js';
import { ThrottledLog } from '../throttled-log.js';
import type { Spool, SpooledBatch, SpoolStats } from './spool.js';

/** Events whose `emit` may wait for room at the same time; more are refused. */
const MAX_BLOCKED = 65_536;

const NO_FAILURES: ReadonlyMap<number, Error> = new Map();

/** An accepted event on its way: the result of a client's `deliver`. */
export interface Delivery {
  /** Names the event for logs and answers: a digest of the producer's epoch, and the event's number. */
  readonly id: string;
  /** Resolves when the event is on disk, for `acknowledged` delivery when it is in memory. Rejects with `SpoolFailedError`. */
  readonly stored: Promise<void>;
  /**
   * Resolves when its handler has ended and the server has acknowledged it. Rejects with `EventFailedError` when the
   * handler failed for good, with `EventDroppedError` when it was given up. It may take as long as the server is away.
   */
  readonly applied: Promise<void>;
}

export interface UnacknowledgedOptions {
  readonly spool: Spool;
  readonly codec: Codec;
  readonly logger: LoggerService;
  readonly batchLimits: BatchLimits;
  readonly maxEvents: number;
  readonly maxBytes: number;
  readonly overflow: OverflowPolicy;
  /** The first number that was certainly never sent: events before it are not dropped for room. */
  readonly firstUnsent: () => number;
  /** Called when batches have been numbered. */
  readonly onNumbered: () => void;
  /** The batch is as safe as it will be, and may leave. */
  readonly onStored: (batch: SpooledBatch) => void;
  /** Called with how many events could not be kept; their room is free again. */
  readonly onFailed: (events: number) => void;
  /** Called with how many events were dropped for newer ones. */
  readonly onDropped: (events: number) => void;
}

/** An event that waits for room. */
interface BlockedEvent {
  readonly part: unknown;
  readonly bytes: number;
  readonly taken: Deferred<Batch>;
  /** Called at once with the event's batch: a stage may be reached before a listener of `taken` runs. */
  readonly onTaken: (batch: Batch) => void;
}

/** The promises of an event that a caller follows. */
interface Followed {
  readonly numbered: Promise<number>;
  readonly offset: number;
  readonly stored: Promise<void>;
  readonly applied: Promise<void>;
}

/**
 * A producer's unacknowledged events: events that wait for their numbers, until the end of the turn or until the spool is open,
 * and those in the spool. Keeps to their bounds, and tells callers that follow them what happens.
 */
export class UnacknowledgedEvents implements EventQueue {
  private readonly turns = new TurnScheduler(() => this.flush());
  private readonly unnumbered: Outbox;
  /** Numbered batches that callers follow, by their first number, oldest first. */
  private readonly followed = new Map<number, Batch>();
  private readonly blocked = new Deque<BlockedEvent>();
  private readonly log: ThrottledLog;
  private hadToWait = 0;
  private isOpen = false;
  private isFailing = false;

  constructor(private readonly options: UnacknowledgedOptions) {
    const boundless = { maxEvents: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY };
    this.unnumbered = new Outbox({ ...options.batchLimits, ...boundless }, this.turns.nowSeconds);
    this.log = new ThrottledLog(options.logger);
  }

  get events(): number {
    return this.unnumbered.queuedEvents + this.spooledEvents;
  }

  get bytes(): number {
    return this.unnumbered.queuedBytes + (this.isOpen ? this.options.spool.bytes : 0);
  }

  /** Events that have their numbers. */
  get spooledEvents(): number {
    return this.isOpen ? this.options.spool.events : 0;
  }

  /** Events that had to wait for room, since the start. */
  get waits(): number {
    return this.hadToWait;
  }

  /** The spool's own statistics; undefined while it is not open. */
  get spoolStats(): SpoolStats | undefined {
    return this.isOpen ? this.options.spool.stats() : undefined;
  }

  /** The spool is open. */
  open(): void {
    this.isOpen = true;
    this.flush();
  }

  add(part: unknown, bytes: number, until: EmitStage): Promise<void> | undefined {
    if (this.hasRoomNow(bytes)) {
      const batch = this.unnumbered.push(part, bytes);
      // Asked for before the batch gets its numbers: with a spool in memory the stage would already have passed.
      const reached = batch.until(until, batch.count - 1);
      this.onAdded();
      return reached;
    }
    let reached: Promise<void> | undefined;
    const taken = this.block(part, bytes, (batch) => {
      reached = batch.until(until, batch.count - 1);
    });
    const all = taken.then(() => reached);
    // The caller need not listen.
    all.catch(() => undefined);
    return all;
  }

  /** As {@link add}, and returns the event's stages to follow. @throws OutboxFullError, at once */
  follow(part: unknown, bytes: number): Promise<Delivery> {
    const nameOf = (sequence: number): string => `${digestOf(this.options.spool.epoch)}-${sequence}`;
    if (this.hasRoomNow(bytes)) {
      const followed = followIn(this.unnumbered.push(part, bytes));
      this.onAdded();
      return deliveryOf(followed, nameOf);
    }
    let followed: Followed | undefined;
    return this.block(part, bytes, (batch) => {
      followed = followIn(batch);
    }).then((batch) => deliveryOf(followed ?? followIn(batch), nameOf));
  }

  /** Takes events that waited for room, oldest first. */
  unblock(): void {
    let next = this.blocked.oldest;
    while (next !== undefined && this.makeRoom(next.bytes)) {
      this.blocked.shift();
      const batch = this.unnumbered.push(next.part, next.bytes);
      next.onTaken(batch);
      this.onAdded();
      next.taken.resolve(batch);
      next = this.blocked.oldest;
    }
  }

  /** Numbers the waiting events and puts them into the spool. */
  flush(): void {
    if (!this.isOpen) {
      return;
    }
    for (let batch = this.unnumbered.take(); batch !== undefined; batch = this.unnumbered.take()) {
      this.append(batch);
    }
    this.options.onNumbered();
  }

  onSent({ first }: SpooledBatch): void {
    this.followed.get(first)?.onSent();
  }

  /** Events up to `sequence` are handled, and out of the spool; those in `failures` failed. */
  onAcknowledged(sequence: number, failures: readonly DeliveryFailure[]): void {
    const errors =
      failures.length === 0
        ? NO_FAILURES
        : new Map(failures.map((failure) => [failure.sequence, new EventFailedError(failure)]));
    for (const [first, batch] of this.followed) {
      if (first > sequence) {
        break;
      }
      if (batch.onAcknowledged(sequence, errors)) {
        this.followed.delete(first);
      }
    }
    this.unblock();
  }

  /** Ends all waiting for room and drops events without a number. @returns how many those are */
  closeEntrance(): number {
    for (const { taken } of this.blocked.takeAll()) {
      taken.reject(new EventDroppedError('the client closed before there was room for the event'));
    }
    this.isOpen = false;
    return this.unnumbered.clear('the client closed before its spool could be opened');
  }

  /** The spool is closed: rejects the promises of callers that follow its events. */
  failFollowed(error: Error): void {
    for (const first of this.followed.keys()) {
      this.fail(first, error);
    }
  }

  private onAdded(): void {
    if (this.unnumbered.hasFullBatch) {
      this.flush();
    } else {
      this.turns.request();
    }
  }

  private hasRoomNow(bytes: number): boolean {
    return this.blocked.size === 0 && this.makeRoom(bytes);
  }

  private block(part: unknown, bytes: number, onTaken: (batch: Batch) => void): Promise<Batch> {
    if (this.options.overflow !== 'block' || this.blocked.size >= MAX_BLOCKED) {
      throw new OutboxFullError(this.events, this.bytes);
    }
    this.hadToWait += 1;
    const taken = new Deferred<Batch>();
    this.blocked.push({ part, bytes, taken, onTaken });
    return taken.promise;
  }

  /** Whether there is room, after dropping older events if the policy says so. */
  private makeRoom(bytes: number): boolean {
    while (!this.hasRoomFor(bytes)) {
      if (this.options.overflow !== 'drop-oldest' || !this.dropOldest()) {
        return false;
      }
    }
    return true;
  }

  /** When nothing waits there is room for any event, so that none can be refused for ever. */
  private hasRoomFor(bytes: number): boolean {
    const { maxEvents, maxBytes } = this.options;
    const { events } = this;
    return events === 0 || (events < maxEvents && this.bytes + bytes <= maxBytes);
  }

  /** @returns whether it dropped a batch that was never sent */
  private dropOldest(): boolean {
    const { spool, firstUnsent, onDropped } = this.options;
    const dropped = this.isOpen ? spool.dropOldestFrom(firstUnsent()) : undefined;
    if (dropped === undefined) {
      return false;
    }
    onDropped(dropped.count);
    this.fail(dropped.first, new EventDroppedError('a newer event needed its room'));
    return true;
  }

  private append(batch: Batch): void {
    const { spool, codec } = this.options;
    const { parts, accepted } = batch;
    try {
      const joined = codec.join(parts);
      // Encoded once: the stored bytes are the sent bytes. They include what the codec adds, because the server counts those
      // too.
      const payload = typeof joined === 'string' ? Buffer.from(joined) : joined;
      const acceptedAtSeconds = accepted[0]?.atSeconds ?? Number.NaN;
      const bytes = payload.length;
      const appended = spool.append({ payload, count: parts.length, bytes, acceptedAtSeconds });
      batch.onNumbered(appended.batch.first, appended.batch.count);
      if (batch.isFollowed) {
        this.followed.set(appended.batch.first, batch);
      }
      if (appended.stored === undefined) {
        this.onStored(batch, appended.batch);
      } else {
        appended.stored.then(
          () => this.onStored(batch, appended.batch),
          (error: unknown) => {
            this.followed.delete(appended.batch.first);
            this.onUnstored(batch, error);
          },
        );
      }
    } catch (error) {
      this.onUnstored(batch, error);
    }
  }

  private onStored(batch: Batch, spooled: SpooledBatch): void {
    this.isFailing = false;
    batch.onStored();
    if (!batch.isFollowedBeyondStorage) {
      this.followed.delete(spooled.first);
    }
    this.options.onStored(spooled);
  }

  private onUnstored(batch: Batch, error: unknown): void {
    const failure =
      error instanceof SpoolFailedError
        ? error
        : new SpoolFailedError('the spool could not keep the event', { cause: error });
    batch.fail(failure);
    if (!this.isFailing) {
      // Logged once until it works again: the counter has the number.
      this.isFailing = true;
      this.log.error('the spool cannot keep events: they are refused', failure);
    }
    // Their room is free again, and no acknowledgement will report it.
    this.unblock();
    this.options.onFailed(batch.count);
  }

  private fail(first: number, error: Error): void {
    const batch = this.followed.get(first);
    this.followed.delete(first);
    batch?.fail(error);
  }
}

/** Follows the event that was put into the batch last. */
function followIn(batch: Batch): Followed {
  const offset = batch.count - 1;
  return {
    numbered: batch.untilNumbered(),
    offset,
    stored: batch.untilStored(),
    applied: batch.untilApplied(offset),
  };
}

async function deliveryOf(
  { numbered, offset, stored, applied }: Followed,
  nameOf: (sequence: number) => string,
): Promise<Delivery> {
  const first = await numbered;
  return { id: nameOf(first + offset), stored, applied };
}

/** Names an epoch without giving it away: a program that knows the epoch can pose as this producer. */
function digestOf(epoch: string): string {
  return createHash('sha256').update(epoch).digest('hex').slice(0, 16);
}
