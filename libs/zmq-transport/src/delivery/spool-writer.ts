import { performance } from 'node:perf_hooks';
import type { LoggerService } from '@nestjs/common';
import type { Codec } from '../codec/codec.interface.js';
import { SpoolFailedError } from '../errors/spool-failed.error.js';
import type { Spool, SpooledBatch } from './spool/spool.interface.js';
import type { StagedBatch } from './staged-batch.js';
import type { WatchedBatches } from './watched-batches.js';

const LOG_INTERVAL_MS = 1000;

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
  private lastLoggedMs = Number.NEGATIVE_INFINITY;
  private isFailing = false;

  constructor(private readonly options: SpoolWriterOptions) {}

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
    this.log(failure);
    this.options.onFailed(staged.count);
  }

  /** Once until it works again, and at most once a second: the counter tells how many. */
  private log(error: Error): void {
    const nowMs = performance.now();
    const wasFailing = this.isFailing;
    this.isFailing = true;
    if (!wasFailing && nowMs - this.lastLoggedMs >= LOG_INTERVAL_MS) {
      this.lastLoggedMs = nowMs;
      this.options.logger.error('the spool cannot keep events: they are refused', error);
    }
  }
}
