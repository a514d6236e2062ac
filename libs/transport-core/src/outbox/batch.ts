import type { Codec } from '../codec/codec.js';
import type { EmitStage } from '../options.js';
import { Deferred } from './waiting.js';

/** Separators and brackets that joining may add for each event. */
export const JOIN_OVERHEAD_BYTES = 2;

/** Events of a batch that were accepted at the same time. */
export interface AcceptedEvents {
  readonly atSeconds: number;
  events: number;
}

/**
 * Encoded events that leave in one message, and the promises of callers that follow them. Promises are made on demand: most
 * events have no caller that waits.
 */
export class Batch {
  /** Empty once the batch is joined, or has its numbers: the spool has the payload then. */
  parts: unknown[] = [];
  /** Events in it. */
  count = 0;
  /** Encoded size of all parts, in bytes, with what joining adds. */
  bytes = 0;
  /** Ids of the requests among the events. */
  readonly requestIds: string[] = [];
  /** When the events were accepted, oldest first; filled only for `onBatchSent`. */
  readonly accepted: AcceptedEvents[] = [];
  /** When it was handed to a socket, seconds since the Unix epoch; 0 before that, and without `onBatchSent`. */
  handedAtSeconds = 0;
  private joined: Uint8Array | string | undefined;
  private first = Number.POSITIVE_INFINITY;
  private numbered: Deferred<number> | undefined;
  private sent: Deferred<void> | undefined;
  private stored: Deferred<void> | undefined;
  /** By the event's place in the batch. */
  private applied: Map<number, Deferred<void>> | undefined;

  /** @param topic what subscribers filter a broadcast by; empty for pairs without topics */
  constructor(readonly topic = '') {}

  /** Whether a caller waits for a stage after the numbering. */
  get isFollowed(): boolean {
    return this.stored !== undefined || this.isFollowedBeyondStorage;
  }

  get isFollowedBeyondStorage(): boolean {
    return this.sent !== undefined || this.applied !== undefined;
  }

  /** @param acceptedAtSeconds seconds since the Unix epoch; undefined when it is not needed */
  add(part: unknown, bytes: number, acceptedAtSeconds?: number, requestId?: string): void {
    this.parts.push(part);
    this.count += 1;
    this.bytes += bytes + JOIN_OVERHEAD_BYTES;
    if (acceptedAtSeconds !== undefined) {
      const latest = this.accepted.at(-1);
      if (latest?.atSeconds === acceptedAtSeconds) {
        latest.events += 1;
      } else {
        this.accepted.push({ atSeconds: acceptedAtSeconds, events: 1 });
      }
    }
    if (requestId !== undefined) {
      this.requestIds.push(requestId);
    }
  }

  /** Its payload, in one piece. */
  payload(codec: Codec): Uint8Array | string {
    return this.joined ?? codec.join(this.parts);
  }

  /** No more events come: joins the parts, since one payload is less work for the garbage collector than hundreds of parts. */
  close(codec: Codec): void {
    this.joined = codec.join(this.parts);
    this.parts = [];
  }

  /** @returns undefined for `accepted`, which an event has reached already. @param offset the event's place in the batch */
  until(stage: EmitStage, offset: number): Promise<void> | undefined {
    switch (stage) {
      case 'accepted':
        return undefined;
      case 'sent':
        return (this.sent ??= new Deferred()).promise;
      case 'stored':
        return this.untilStored();
      case 'applied':
        return this.untilApplied(offset);
    }
  }

  /** Resolves with the number of the batch's first event. */
  untilNumbered(): Promise<number> {
    return (this.numbered ??= new Deferred()).promise;
  }

  untilStored(): Promise<void> {
    return (this.stored ??= new Deferred()).promise;
  }

  onNumbered(first: number, events: number): void {
    this.first = first;
    this.count = events;
    this.parts = [];
    this.numbered?.resolve(first);
  }

  onSent(): void {
    this.sent?.resolve();
  }

  onStored(): void {
    this.stored?.resolve();
  }

  /** Events up to `sequence` were handled; those in `failures` failed. @returns whether that is the whole batch */
  onAcknowledged(sequence: number, failures: ReadonlyMap<number, Error>): boolean {
    for (const [offset, deferred] of this.applied ?? []) {
      const error = failures.get(this.first + offset);
      if (this.first + offset > sequence) {
        continue;
      }
      if (error === undefined) {
        deferred.resolve();
      } else {
        deferred.reject(error);
      }
    }
    // An acknowledged event was sent and stored, even if nothing reported that before.
    this.onSent();
    this.onStored();
    return this.first + this.count - 1 <= sequence;
  }

  /** These events will get no further here: rejects the promises of all who follow them. */
  fail(error: Error): void {
    this.numbered?.reject(error);
    this.sent?.reject(error);
    this.stored?.reject(error);
    for (const deferred of this.applied?.values() ?? []) {
      deferred.reject(error);
    }
  }

  /** @param offset the event's place in the batch */
  untilApplied(offset: number): Promise<void> {
    this.applied ??= new Map();
    const deferred = this.applied.get(offset) ?? new Deferred<void>();
    this.applied.set(offset, deferred);
    return deferred.promise;
  }
}
