import { ZmqServer } from '@app/zmq-transport';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { causeOf } from './state.fault.js';
import type { StateFile } from './state.file.js';
import { KEPT_FILE } from './state.tokens.js';
import { StateWriter } from './state.writer.js';
import { TradeState } from './trade.state.js';

const INTERVAL_MS = 1_000;
/** Nothing but a batch that does not end, or a disk that does not write, keeps the saver waiting that long. */
const TURN_TIMEOUT_MS = 500;

/** Saves what no acknowledged batch asks to be saved: at most once a second, and once more at the end. */
@Injectable()
export class StateSaver implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(StateSaver.name);
  private timer: NodeJS.Timeout | undefined;
  private turn: Promise<void> | undefined;

  constructor(
    private readonly state: TradeState,
    private readonly writer: StateWriter,
    private readonly server: ZmqServer,
    @Inject(KEPT_FILE) private readonly file: StateFile | undefined,
  ) {}

  onApplicationBootstrap(): void {
    if (this.writer.keepsState) this.timer = setInterval(() => void this.save(), INTERVAL_MS).unref();
  }

  /** Saves what changed; also again what could not be written before. Never rejects. */
  async save(): Promise<void> {
    await this.takeChanges();
    // Also with nothing to write where the folder has gone: else a sidecar that gets no events would not notice.
    const isDue = this.writer.isBehind || this.writer.failingSeconds > 0 || this.file?.fault !== undefined;
    if (!isDue) return;
    try {
      await this.writer.flush();
    } catch {
      // The writer has counted and logged it; the next turn tries again.
    }
  }

  /** When HTTP is closed and nothing can change any more. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    if (this.file === undefined) return;
    await this.save();
    if (this.writer.isBehind || this.state.hasChanged) {
      this.logger.error('the last counts could not be saved');
    }
    try {
      await this.file.close();
    } catch (error) {
      this.logger.error(`the state could not be closed: ${causeOf(error)}`);
    }
  }

  /** Waits for a moment between two batches, but not for ever: what failed to be written before is tried meanwhile. */
  private async takeChanges(): Promise<void> {
    if (!this.writer.keepsState || !this.state.hasChanged) return;
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, TURN_TIMEOUT_MS);
    });
    await Promise.race([this.askForTurn(), tooLong]);
    clearTimeout(timer);
  }

  /** One at a time: a batch that does not end must not gather them. */
  private askForTurn(): Promise<void> {
    this.turn ??= this.server
      .runExclusive(() => this.state.takeBetweenBatches())
      .finally(() => (this.turn = undefined));
    return this.turn;
  }
}
