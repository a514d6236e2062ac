import type { EmitStage } from '../delivery.options.js';
import { Deferred } from '../outbox/deferred.js';
import type { SpooledBatch } from './spool.interface.js';

/**
 * Events that were accepted in one turn of the event loop and get their numbers together, with those who want to know
 * what becomes of them. Promises are made only when somebody asks: most events have nobody who waits.
 */
export class StagedBatch {
  /** Empty once the batch has its numbers: the spool has the payload then. */
  parts: unknown[] = [];
  bytes = 0;
  private events = 0;
  private numbered: Deferred<number> | undefined;
  private sent: Deferred<void> | undefined;
  private stored: Deferred<void> | undefined;
  /** By the event's place in the batch. */
  private applied: Map<number, Deferred<void>> | undefined;
  private batch: SpooledBatch | undefined;

  constructor(readonly acceptedAtSeconds: number) {}

  /** Events in it. */
  get count(): number {
    return this.events === 0 ? this.parts.length : this.events;
  }

  /** Whether somebody waits for something that comes after it is stored. */
  get isWatchedFurther(): boolean {
    return this.sent !== undefined || this.applied !== undefined;
  }

  /** Whether somebody waits for something that comes after the numbers. */
  get isWatched(): boolean {
    return this.sent !== undefined || this.stored !== undefined || this.applied !== undefined;
  }

  /** @returns undefined for what an event has reached already: it was accepted */
  until(stage: EmitStage, offset: number): Promise<void> | undefined {
    switch (stage) {
      case 'accepted':
        return undefined;
      case 'sent':
        return this.untilSent();
      case 'stored':
        return this.untilStored();
      case 'applied':
        return this.untilApplied(offset);
    }
  }

  /** Resolves with the number of the batch's first event. */
  untilNumbered(): Promise<number> {
    this.numbered ??= new Deferred();
    return this.numbered.promise;
  }

  untilSent(): Promise<void> {
    this.sent ??= new Deferred();
    return this.sent.promise;
  }

  untilStored(): Promise<void> {
    this.stored ??= new Deferred();
    return this.stored.promise;
  }

  /** @param offset the event's place in the batch */
  untilApplied(offset: number): Promise<void> {
    this.applied ??= new Map();
    const deferred = this.applied.get(offset) ?? new Deferred<void>();
    this.applied.set(offset, deferred);
    return deferred.promise;
  }

  onNumbered(batch: SpooledBatch): void {
    this.batch = batch;
    this.events = batch.count;
    this.parts = [];
    this.numbered?.resolve(batch.first);
  }

  onSent(): void {
    this.sent?.resolve();
  }

  onStored(): void {
    this.stored?.resolve();
  }

  /** Events up to `sequence` were handled; those in `failures` failed. @returns whether that is the whole batch. */
  onAcknowledged(sequence: number, failures: ReadonlyMap<number, Error>): boolean {
    const first = this.batch?.first ?? Number.POSITIVE_INFINITY;
    for (const [offset, deferred] of this.applied ?? []) {
      const error = failures.get(first + offset);
      if (first + offset > sequence) {
        continue;
      }
      if (error === undefined) {
        deferred.resolve();
      } else {
        deferred.reject(error);
      }
    }
    // What is acknowledged was sent and stored, whatever was heard of it.
    this.onSent();
    this.onStored();
    return first + this.events - 1 <= sequence;
  }

  /** Nothing more will become of these events here. */
  fail(error: Error): void {
    this.numbered?.reject(error);
    this.sent?.reject(error);
    this.stored?.reject(error);
    for (const deferred of this.applied?.values() ?? []) {
      deferred.reject(error);
    }
  }
}
