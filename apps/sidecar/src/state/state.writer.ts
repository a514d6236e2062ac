import { nowSeconds } from '@app/contracts';
import { Logger } from '@nestjs/common';
import type { Counter, Gauge } from 'prom-client';
import { causeOf } from './state.fault.js';
import type { StateFile } from './state.file.js';
import type { TradeState } from './trade.state.js';

/** Where a writer says what it does. */
export interface StateWriterMetrics {
  readonly commits: Counter;
  readonly failures: Counter;
  readonly lastCommit: Gauge;
}

/**
 * Brings the state to the disk, one write at a time. Whoever asks during a write shares the next one, which takes the
 * newest state: the slower the disk, the more one write is good for.
 */
export class StateWriter {
  private readonly logger = new Logger(StateWriter.name);
  private running: Promise<void> | undefined;
  private queued: Promise<void> | undefined;
  private writtenVersion: number;
  private failedSince: number | undefined;

  /**
   * @param state as the disk has it
   * @param file undefined: nothing is kept, and every flush is done at once
   */
  constructor(
    private readonly state: TradeState,
    private readonly file: Pick<StateFile, 'write'> | undefined,
    private readonly metrics: StateWriterMetrics,
  ) {
    this.writtenVersion = state.version;
  }

  /** Whether anything is kept at all. */
  get keepsState(): boolean {
    return this.file !== undefined;
  }

  /** Whether the disk lacks something. */
  get isBehind(): boolean {
    return this.keepsState && this.writtenVersion !== this.state.version;
  }

  /** For how long writing has failed, in seconds; 0 while it works. */
  get failingSeconds(): number {
    return this.failedSince === undefined ? 0 : nowSeconds() - this.failedSince;
  }

  /** Resolves when the disk has the state of now, or a later one; rejects when the write failed. */
  flush(): Promise<void> {
    if (this.file === undefined) return Promise.resolve();
    if (this.queued) return this.queued;
    if (!this.running) return this.start(this.file);
    const { file } = this;
    const next = (): Promise<void> => this.start(file);
    // The failure of the write before was told to those who waited for that one.
    this.queued = this.running.then(next, next);
    return this.queued;
  }

  private start(file: Pick<StateFile, 'write'>): Promise<void> {
    this.queued = undefined;
    this.running = this.write(file).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async write(file: Pick<StateFile, 'write'>): Promise<void> {
    const { version } = this.state;
    const change = this.state.takeChange();
    try {
      await file.write(change);
    } catch (error) {
      this.state.giveBack(change.letters);
      this.fail(error);
      throw error;
    }
    this.writtenVersion = version;
    this.metrics.commits.inc();
    this.metrics.lastCommit.set(nowSeconds());
    if (this.failedSince !== undefined) this.logger.log('the state can be written again');
    this.failedSince = undefined;
  }

  private fail(error: unknown): void {
    this.metrics.failures.inc();
    if (this.failedSince !== undefined) return;
    this.failedSince = nowSeconds();
    this.logger.error(`the state cannot be written, and is tried again: ${causeOf(error)}`);
  }
}
