import type { LoggerService } from '@nestjs/common';
import type { Codec } from '../codec/codec.interface.js';
import { SpoolFailedError } from '../errors.js';
import { ThrottledLog } from '../throttled-log.js';
import type { Spool, SpooledBatch } from './spool.interface.js';
import type { StagedBatch } from './staged-batch.js';
import type { WatchedBatches } from './watched-batches.js';

export interface SpoolWriterOptions {
  readonly spool: Spool;
  readonly codec: Codec;
  readonly watched: WatchedBatches;
  readonly logger: LoggerService;
  /** The batch may leave. */
  readonly onStored: (batch: SpooledBatch) => void;
  /** These events could not be kept. */
  readonly onFailed: (events: number) => void;
}

/** Brings staged batches into the spool, and tells who waits for it how that went. */
export class SpoolWriter {
  private readonly log: ThrottledLog;
  private isFailing = false;

  constructor(private readonly options: SpoolWriterOptions) {
    this.log = new ThrottledLog(options.logger);
  }

  append(staged: StagedBatch): void {
    const { spool, codec, watched } = this.options;
    const { parts, acceptedAtSeconds } = staged;
    try {
      const payload = codec.join(parts);
      // What a codec adds counts too: the server counts what comes over the wire.
      const bytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
      const { batch, stored } = spool.append({ payload, count: parts.length, bytes, acceptedAtSeconds });
      staged.onNumbered(batch);
      if (staged.isWatched) {
        watched.add(staged, batch);
      }
      if (stored === undefined) {
        this.onStored(staged, batch);
      } else {
        stored.then(
          () => this.onStored(staged, batch),
          (error: unknown) => {
            watched.forget(batch.first);
            this.fail(staged, error);
          },
        );
      }
    } catch (error) {
      this.fail(staged, error);
    }
  }

  private onStored(staged: StagedBatch, batch: SpooledBatch): void {
    this.isFailing = false;
    staged.onStored();
    if (!staged.isWatchedFurther) {
      this.options.watched.forget(batch.first);
    }
    this.options.onStored(batch);
  }

  private fail(staged: StagedBatch, error: unknown): void {
    const failure =
      error instanceof SpoolFailedError
        ? error
        : new SpoolFailedError('the spool could not keep the event', { cause: error });
    staged.fail(failure);
    // Once until it works again: the counter tells how many.
    if (!this.isFailing) this.log.error('the spool cannot keep events: they are refused', failure);
    this.isFailing = true;
    this.options.onFailed(staged.count);
  }
}
