import { createHash, randomUUID } from 'node:crypto';
import {
  epochSeconds,
  type DropReason,
  EventDroppedError,
  type DeliveryFailure,
  TurnScheduler,
  Admission,
  type AdmissionOptions,
  Deferred,
  DeliveryStage,
  type StageLimits,
  type Delivery,
  type ClientDeliveryStats,
  type EmitStage,
  SpoolWriter,
  type SpoolWriterOptions,
  type SpooledBatch,
  type SpoolStats,
  type StagedBatch,
  WatchedBatches,
} from '@app/transport-core';
import type { AckHeader, DeliverHeader } from '../../wire/delivery-frames.js';
import type { ProducerGreeting, SessionGrant } from '../../wire/greeting.js';
import { lastOf, ProducerSession } from './producer.session.js';

const NOTHING_KEPT: SpoolStats = { events: 0, bytes: 0, oldestAcceptedAtSeconds: Number.NaN };

export interface OutboundDeliveryOptions
  extends
    Pick<SpoolWriterOptions, 'spool' | 'codec' | 'logger'>,
    Pick<AdmissionOptions, 'maxEvents' | 'maxBytes' | 'overflow'> {
  /** Whether the spool outlives this process. */
  readonly isDurable: boolean;
  readonly producerId: string | undefined;
  readonly batchLimits: StageLimits;
  readonly ackTimeoutMs: number;
  readonly onDropped: (reason: DropReason, events: number) => void;
  readonly onSent: (batch: SpooledBatch) => void;
  /** Nothing is on its way or waits any more, or something may leave now. */
  readonly onProgress: () => void;
}

/** The socket that a producer's batches leave by; it tells the producer what comes back. */
export interface DeliverySocket {
  /** Whether it would take a batch now. */
  readonly isWritable: boolean;
  /** @param onSent called when the batch was handed to the network */
  deliver(header: DeliverHeader, payload: SpooledBatch['payload'], onSent: () => void): void;
  /** Asks the server again where the session stands. */
  sayHello(): void;
}

/** Acknowledged delivery on the client: from `emit` through stage and spool to the lane, and back with the ACKs. */
export class OutboundDelivery {
  private readonly instance = randomUUID();
  private readonly turns = new TurnScheduler(() => this.flush());
  private readonly watched = new WatchedBatches();
  private readonly stage: DeliveryStage;
  private readonly admission: Admission;
  private readonly writer: SpoolWriter;
  private session: ProducerSession | undefined;
  private lane: DeliverySocket | undefined;
  private ackTimer: NodeJS.Timeout | undefined;
  private highestSent = 0;
  private readonly counts = { acknowledged: 0, resent: 0, failed: 0 };

  constructor(private readonly options: OutboundDeliveryOptions) {
    this.stage = new DeliveryStage(options.batchLimits);
    this.admission = new Admission({
      ...options,
      stage: this.stage,
      kept: () => this.kept,
      dropOldest: () => this.dropOldest(),
      onStaged: () => this.onStaged(),
    });
    this.writer = new SpoolWriter({
      ...options,
      watched: this.watched,
      onStored: (batch) => this.onStored(batch),
      onFailed: (events) => {
        options.onDropped('spool_failed', events);
        // They gave their room back, and no acknowledgement will say so.
        this.admission.unblock();
        options.onProgress();
      },
    });
  }

  /** Opens the spool; what an earlier process left in it will be sent. @throws SpoolUnusableError */
  async open(): Promise<void> {
    if (this.session === undefined) {
      await this.options.spool.open();
      this.session = new ProducerSession(this.options.spool);
      this.highestSent = this.options.spool.nextSequence - 1;
      this.flush();
    }
  }

  /** Events that are not acknowledged. */
  get unacknowledged(): number {
    return this.stage.events + this.kept.events;
  }

  /** Whether the server has something to acknowledge. */
  get isAwaitingAck(): boolean {
    return this.session?.hasSomethingOnTheWay === true;
  }

  stats(): ClientDeliveryStats {
    const { bytes, oldestAcceptedAtSeconds: oldest, fault } = this.kept;
    return {
      unacknowledgedEvents: this.unacknowledged,
      unacknowledgedBytes: this.stage.bytes + bytes,
      oldestUnacknowledgedSeconds: Number.isNaN(oldest) ? 0 : Math.max(0, epochSeconds() - oldest),
      credit: this.session?.window ?? 0,
      blocked: this.admission.waits,
      ...this.counts,
      fault,
    };
  }

  /** Takes an event. @returns undefined when it was taken and nobody has to wait. @throws OutboxFullError */
  accept(part: unknown, bytes: number, until: EmitStage): Promise<void> | undefined {
    let reached: Promise<void> | undefined;
    const waiting = this.admission.take(part, bytes, (batch, offset) => {
      reached = batch.until(until, offset);
    });
    return waiting === undefined ? reached : waiting.then(() => reached);
  }

  /** The same, for who wants to follow the event. @throws OutboxFullError, at once */
  follow(part: unknown, bytes: number): Promise<Delivery> {
    const following = new Deferred<Delivery>();
    const follow = (batch: StagedBatch, offset: number): void => {
      this.followIn(batch, offset).then(following.resolve, following.reject);
    };
    this.admission.take(part, bytes, follow)?.catch(following.reject);
    return following.promise;
  }

  /** What HELLO says about this producer. */
  greeting(): ProducerGreeting {
    const { producerId, spool } = this.options;
    const acked = this.session?.acked ?? 0;
    return { id: producerId ?? spool.epoch, epoch: spool.epoch, instance: this.instance, acked };
  }

  /** @returns whether the session can be */
  onReady(grant: SessionGrant, lane: DeliverySocket): boolean {
    if (this.session?.onReady(grant) === false) {
      return false;
    }
    this.lane = lane;
    if (this.isAwaitingAck) {
      this.arm();
    }
    this.options.onProgress();
    this.pump();
    return true;
  }

  /** Who waits for an event is told by ACKs only, which name failures; the server sends one after each READY. */
  onAck(ack: AckHeader, failures: readonly DeliveryFailure[]): void {
    const before = this.kept.events;
    if (this.session?.onAck(ack) === true) {
      this.ackTimer?.refresh();
      // Events, not numbers: between those there are gaps.
      this.counts.acknowledged += before - this.kept.events;
      this.counts.failed += failures.length;
      this.watched.onAcknowledged(ack.sequence, failures);
      this.onAcked();
    }
    this.pump();
  }

  /** @returns whether HELLO has to be said again. */
  onResync(session: string): boolean {
    return this.session?.onResync(session) ?? false;
  }

  /** The peer is gone, or HELLO is on its way. */
  onSessionLost(): void {
    this.session?.close();
    this.lane = undefined;
    this.disarm();
  }

  /** Sends what may leave; called whenever that may have changed. */
  pump(): void {
    while (this.lane?.isWritable === true) {
      const next = this.session?.next();
      if (next === undefined) {
        return;
      }
      const { batch, header } = next;
      if (batch.first <= this.highestSent) {
        this.counts.resent += batch.count;
      }
      this.highestSent = Math.max(this.highestSent, lastOf(batch));
      this.arm();
      this.lane.deliver(header, batch.payload, () => {
        this.options.onSent(batch);
        this.watched.onSent(batch.first);
        this.options.onProgress();
      });
    }
  }

  /** Closes the spool. @returns events that are lost with it, and those that are kept. */
  async close(): Promise<{ readonly dropped: number; readonly kept: number }> {
    this.flush();
    this.onSessionLost();
    const left = this.unacknowledged;
    const { isDurable, spool } = this.options;
    this.admission.close();
    const staged = this.dropStaged();
    this.session = undefined;
    if (!isDurable) {
      // They are reported as dropped: a client that is opened again must not send them.
      spool.release(spool.nextSequence - 1);
    }
    // First it writes what is under way: who waits for that is told that it is stored.
    await spool.close();
    this.watched.failAll(new EventDroppedError('the client closed before the event was acknowledged'));
    return isDurable ? { dropped: staged, kept: left - staged } : { dropped: left, kept: 0 };
  }

  /** What a spool that could not be opened has never seen. @returns how many events that are */
  private dropStaged(): number {
    const { events } = this.stage;
    for (const batch of this.stage.takeAll()) {
      batch.fail(new EventDroppedError('the client closed before its spool could be opened'));
    }
    return events;
  }

  private get kept(): SpoolStats {
    return this.session === undefined ? NOTHING_KEPT : this.options.spool.stats();
  }

  private async followIn(batch: StagedBatch, offset: number): Promise<Delivery> {
    const stored = batch.untilStored();
    const applied = batch.untilApplied(offset);
    const first = await batch.untilNumbered();
    return { id: `${nameOf(this.options.spool.epoch)}-${first + offset}`, stored, applied };
  }

  private dropOldest(): SpooledBatch | undefined {
    const { spool, onDropped } = this.options;
    const dropped = this.session === undefined ? undefined : spool.dropOldestFrom(this.session.firstUnsent);
    if (dropped !== undefined) {
      onDropped('dropped_oldest', dropped.count);
      this.watched.fail(dropped.first, new EventDroppedError('a newer event needed its room'));
    }
    return dropped;
  }

  private onStaged(): void {
    if (this.stage.hasFullBatch) {
      this.flush();
    } else {
      this.turns.request();
    }
  }

  /** Gives what is staged its numbers and a place in the spool, and sends what may leave. */
  private flush(): void {
    if (this.session === undefined) {
      return;
    }
    for (const staged of this.stage.takeAll()) {
      this.writer.append(staged);
    }
    this.pump();
  }

  private onStored(batch: SpooledBatch): void {
    this.session?.onStored(lastOf(batch));
    this.pump();
  }

  private onAcked(): void {
    this.admission.unblock();
    if (!this.isAwaitingAck) {
      this.disarm();
    }
    this.options.onProgress();
  }

  private arm(): void {
    this.ackTimer ??= setTimeout(() => this.onAckTimeout(), this.options.ackTimeoutMs).unref();
  }

  private disarm(): void {
    clearTimeout(this.ackTimer);
    this.ackTimer = undefined;
  }

  /** Nothing was heard for long: to ask again is harmless, and mends whatever was lost on the way. */
  private onAckTimeout(): void {
    this.ackTimer = undefined;
    if (this.isAwaitingAck) {
      this.lane?.sayHello();
    }
  }
}

/** Tells epochs apart without giving one away: who knows it can speak in this producer's name. */
function nameOf(epoch: string): string {
  return createHash('sha256').update(epoch).digest('hex').slice(0, 16);
}
