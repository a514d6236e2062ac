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

/** Saves what no acknowledged batch asks to be saved: at most once a second, and once more at the end. */
@Injectable()
export class StateSaver implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(StateSaver.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly state: TradeState,
    private readonly writer: StateWriter,
    @Inject(KEPT_FILE) private readonly file: StateFile | undefined,
  ) {}

  onApplicationBootstrap(): void {
    if (this.writer.keepsState) this.timer = setInterval(() => void this.save(), INTERVAL_MS).unref();
  }

  /** Saves what changed; also again what could not be written before. Never rejects. */
  async save(): Promise<void> {
    this.state.takeIfChanged();
    if (!this.writer.isBehind) return;
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
    if (this.writer.isBehind) this.logger.error('the last counts could not be saved');
    try {
      await this.file.close();
    } catch (error) {
      this.logger.error(`the state could not be closed: ${causeOf(error)}`);
    }
  }
}
