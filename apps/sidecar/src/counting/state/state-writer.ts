import { epochSeconds } from '@app/transport-core';
import { Logger } from '@nestjs/common';
import type { Counter, Gauge } from 'prom-client';
import type { StateFile } from './state-file.js';
import { causeOf } from './state-folder.js';
import type { TradeState } from './trade-state.js';

/** The metrics of a writer. */
export interface StateWriterMetrics {
  readonly commits: Counter;
  readonly failures: Counter;
  readonly lastCommit: Gauge;
}

/**
 * Writes the state to the disk, one write at a time. All who ask during a write share the next one, which writes the
 * newest state: the slower the disk, the more requests one write answers.
 */
export class StateWriter {
  private readonly logger = new Logger(StateWriter.name);
  private running: Promise<void> | undefined;
  private queued: Promise<void> | undefined;
  private writtenVersion: number;
  private failedSince: number | undefined;
  private hasSnapshotFault = false;

  /**
   * @param state equal to what the disk has
   * @param file undefined: no state is kept, and every flush resolves at once
   */
  constructor(
    private readonly state: TradeState,
    private readonly file: Pick<StateFile, 'write' | 'writeSnapshot'> | undefined,
    private readonly metrics: StateWriterMetrics,
  ) {
    this.writtenVersion = state.version;
  }

  /** Whether state is kept at all. */
  get keepsState(): boolean {
    return this.file !== undefined;
  }

  /** Whether the disk has an older state. */
  get isBehind(): boolean {
    return this.keepsState && this.writtenVersion !== this.state.version;
  }

  /** How long writing has failed, in seconds; 0 while it works. */
  get failingSeconds(): number {
    return this.failedSince === undefined ? 0 : epochSeconds() - this.failedSince;
  }

  /** Resolves when the disk has the present state, or a later one. Rejects when the write fails. */
  flush(): Promise<void> {
    if (this.file === undefined) return Promise.resolve();
    if (this.queued) return this.queued;
    if (!this.running) return this.start(this.file);
    const { file } = this;
    const next = (): Promise<void> => this.start(file);
    // Those who waited for the previous write got its failure; this one is independent of it.
    this.queued = this.running.then(next, next);
    return this.queued;
  }

  private start(file: Pick<StateFile, 'write' | 'writeSnapshot'>): Promise<void> {
    this.queued = undefined;
    this.running = this.write(file).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async write(file: Pick<StateFile, 'write' | 'writeSnapshot'>): Promise<void> {
    const { version } = this.state;
    const change = this.state.takeChange();
    try {
      await file.write(change);
    } catch (error) {
      this.state.giveBack(change);
      this.fail(error);
      throw error;
    }
    this.writtenVersion = version;
    if (change.snapshot !== undefined) await this.writeSnapshot(file, change.snapshot);
    this.metrics.commits.inc();
    this.metrics.lastCommit.set(epochSeconds());
    if (this.failedSince !== undefined) this.logger.log('the state can be written again');
    this.failedSince = undefined;
  }

  /** The counts are written: without the snapshot a start knows them, and begins the windows anew. */
  private async writeSnapshot(file: Pick<StateFile, 'writeSnapshot'>, snapshot: Buffer): Promise<void> {
    try {
      await file.writeSnapshot(snapshot);
      this.hasSnapshotFault = false;
    } catch (error) {
      this.metrics.failures.inc();
      if (!this.hasSnapshotFault)
        this.logger.warn(`the snapshot of the analysis cannot be written: ${causeOf(error)}`);
      this.hasSnapshotFault = true;
    }
  }

  private fail(error: unknown): void {
    this.metrics.failures.inc();
    if (this.failedSince !== undefined) return;
    this.failedSince = epochSeconds();
    this.logger.error(
      `the state cannot be written and will be retried; check SIDECAR_STATE_DIR and its disk: ${causeOf(error)}`,
    );
  }
}
