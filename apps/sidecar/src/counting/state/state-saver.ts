import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { BatchTurns } from './trade-ledger.js';
import { KEPT_FILE, type StateFile } from './state-file.js';
import { causeOf } from './state-folder.js';
import { StateWriter } from './state-writer.js';
import { TradeState } from './trade-state.js';

const INTERVAL_MS = 1_000;
/** Only a batch that hangs, or a disk that does not write, keeps the saver waiting that long. */
const TURN_TIMEOUT_MS = 500;

/** Saves the counts that no acknowledged batch saves: at most once a second, and once more at the end. */
@Injectable()
export class StateSaver implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(StateSaver.name);
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> | undefined;

  constructor(
    private readonly state: TradeState,
    private readonly writer: StateWriter,
    private readonly turns: BatchTurns,
    @Inject(KEPT_FILE) private readonly file: StateFile | undefined,
  ) {}

  onApplicationBootstrap(): void {
    if (this.writer.keepsState) this.timer = setInterval(() => void this.save(), INTERVAL_MS).unref();
  }

  /** Saves what changed, and what could not be written before. Never rejects. */
  async save(): Promise<void> {
    await this.takeChanges();
    // With the folder gone it tries even with nothing to write: a sidecar without events would not notice otherwise.
    const isDue = this.writer.isBehind || this.writer.failingSeconds > 0 || this.file?.fault !== undefined;
    if (!isDue) return;
    try {
      await this.writer.flush();
    } catch {
      // The writer has counted and logged the error; the next turn tries again.
    }
  }

  /** Runs when HTTP is closed and nothing can change any more. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    if (this.file === undefined) return;
    this.state.end();
    await this.save();
    if (this.writer.isBehind || this.state.hasChanged) {
      this.logger.error(
        'the last counts could not be saved: the next start continues from the counts saved before; see the error above',
      );
    }
    try {
      await this.file.close();
    } catch (error) {
      this.logger.error(
        `the state's file could not be closed; what was saved is on the disk: ${causeOf(error)}`,
      );
    }
  }

  /** Waits for a moment between two batches, but not for ever: meanwhile it retries what could not be written. */
  private async takeChanges(): Promise<void> {
    if (!this.writer.keepsState || !this.state.hasChanged) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, TURN_TIMEOUT_MS);
    });
    await Promise.race([this.askForTurn(), tooLong]);
    clearTimeout(timer);
  }

  /** One at a time, so that requests do not pile up behind a batch that hangs. */
  private askForTurn(): Promise<void> {
    this.turn ??= this.turns
      .run(() => this.state.takeBetweenBatches())
      .finally(() => (this.turn = undefined));
    return this.turn;
  }
}
