import { epochSeconds } from '../outbox/clock.js';
import type { OutboxLimits } from '../outbox/outbox.js';
import { StagedBatch } from './staged-batch.js';

/** A separator, or a bracket, comes with each event of a batch. */
const JOIN_OVERHEAD_BYTES = 2;

/** Bounds of one message. */
export type StageLimits = Pick<OutboxLimits, 'maxBatchEvents' | 'maxFrameBytes'>;

/** Where accepted events wait for their numbers: until the end of the turn, or until the spool is open. */
export class DeliveryStage {
  private batches: StagedBatch[] = [];
  private eventCount = 0;
  private byteCount = 0;

  constructor(private readonly limits: StageLimits) {}

  get events(): number {
    return this.eventCount;
  }

  get bytes(): number {
    return this.byteCount;
  }

  /** Whether a batch takes no more: to wait any longer would gain nothing. */
  get hasFullBatch(): boolean {
    const [oldest] = this.batches;
    return (
      oldest !== undefined && (this.batches.length > 1 || oldest.parts.length >= this.limits.maxBatchEvents)
    );
  }

  /** @param onStaged told where the event is, at once */
  push(part: unknown, bytes: number, onStaged: (batch: StagedBatch, offset: number) => void): void {
    let batch = this.batches.at(-1);
    if (batch === undefined || !this.fits(batch, bytes)) {
      batch = new StagedBatch(epochSeconds());
      this.batches.push(batch);
    }
    const offset = batch.parts.push(part) - 1;
    batch.bytes += bytes + JOIN_OVERHEAD_BYTES;
    this.eventCount += 1;
    this.byteCount += bytes + JOIN_OVERHEAD_BYTES;
    onStaged(batch, offset);
  }

  takeAll(): readonly StagedBatch[] {
    const batches = this.batches;
    this.batches = [];
    this.eventCount = 0;
    this.byteCount = 0;
    return batches;
  }

  private fits(batch: StagedBatch, bytes: number): boolean {
    const { maxBatchEvents, maxFrameBytes } = this.limits;
    return batch.parts.length < maxBatchEvents && batch.bytes + bytes + JOIN_OVERHEAD_BYTES <= maxFrameBytes;
  }
}
