import { Market, type MadeTrade, poissonArrivals, RandomSource } from '@app/trade-model';
import { ProblemException } from '@app/service-kit';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { LinkService } from '../publishing/link.service.js';
import { BulkService } from './bulk.service.js';

/** How the demo is. */
export interface DemoStatus {
  /** False once the publisher is stopping. */
  readonly available: boolean;
  readonly running: boolean;
  /** Trades a second, on average; 0 when none runs. */
  readonly rate: number;
  /** Trades of this demo that were accepted, or of the last one when none runs. */
  readonly accepted: number;
  /** Trades of it that were refused: the publisher's metrics say why. */
  readonly refused: number;
  /** When it ends by itself, in unix epoch seconds; null when none runs. */
  readonly endsAt: number | null;
}

/** How much a demo posts, and for how long. */
export interface DemoLength {
  /** Trades a second, on average. */
  readonly rate: number;
  readonly seconds: number;
}

interface Run {
  readonly rate: number;
  readonly endsAtSeconds: number;
  /** By `performance.now()`, which nobody can set. */
  readonly endMs: number;
  readonly trades: Iterator<MadeTrade>;
  readonly timer: NodeJS.Timeout;
  upcoming: IteratorResult<MadeTrade>;
  /** How far the market is, in its own time: it stands still while there is no room. */
  marketSeconds: number;
  lastMs: number;
  isPosting: boolean;
}

const TICK_MS = 50;
/** What the process missed while it stood still is not made up for. */
const MAX_STEP_SECONDS = 1;
/** The demo pauses while the outbox is fuller than this: the room is for real trades. */
const MAX_FILL = 0.1;
const SEEDS = 2 ** 32;

/** Made-up trades for newcomers. They are checked, emitted and counted as those of `POST /trades` are. One demo runs at most. */
@Injectable()
export class DemoService implements OnModuleDestroy {
  private readonly logger = new Logger('demo');
  private run: Run | undefined;
  private accepted = 0;
  private refused = 0;
  private isStopping = false;

  constructor(
    private readonly bulk: BulkService,
    private readonly link: LinkService,
  ) {}

  get status(): DemoStatus {
    const { run, accepted, refused } = this;
    return {
      available: !this.isStopping,
      running: run !== undefined,
      rate: run?.rate ?? 0,
      accepted,
      refused,
      endsAt: run?.endsAtSeconds ?? null,
    };
  }

  /** @throws ProblemException 409 while a demo runs, 503 once the publisher is stopping */
  start({ rate, seconds }: DemoLength): void {
    if (this.isStopping) throw new ProblemException({ status: 503, detail: 'the publisher is stopping' });
    if (this.run !== undefined) {
      const message = 'a demo runs already; stop it first, or let it end';
      throw new ProblemException({
        status: 409,
        detail: message,
        errors: [{ field: 'demo', rule: 'single', message }],
      });
    }
    this.accepted = 0;
    this.refused = 0;
    const seed = Math.floor(Math.random() * SEEDS);
    const trades = new Market(new RandomSource(seed)).trades(
      poissonArrivals(rate, new RandomSource(seed, 1)),
    );
    const nowMs = performance.now();
    const run: Run = {
      rate,
      endsAtSeconds: Date.now() / 1000 + seconds,
      endMs: nowMs + seconds * 1000,
      trades,
      timer: setInterval(() => this.tick(run), TICK_MS),
      upcoming: trades.next(),
      marketSeconds: 0,
      lastMs: nowMs,
      isPosting: false,
    };
    this.run = run;
    this.logger.log(`posts ${rate} made-up trades a second for ${seconds} s`);
  }

  /** Does nothing when no demo runs. */
  stop(): void {
    if (this.run === undefined) return;
    clearInterval(this.run.timer);
    this.run = undefined;
    this.logger.log(`ended: accepted=${this.accepted}, refused=${this.refused}`);
  }

  onModuleDestroy(): void {
    this.isStopping = true;
    this.stop();
  }

  private tick(run: Run): void {
    const nowMs = performance.now();
    if (nowMs >= run.endMs) {
      this.stop();
      return;
    }
    const stepSeconds = Math.min(MAX_STEP_SECONDS, (nowMs - run.lastMs) / 1000);
    run.lastMs = nowMs;
    if (run.isPosting || this.isFull) return;
    run.marketSeconds += stepSeconds;
    run.isPosting = true;
    this.postDue(run)
      .catch((error: unknown) => {
        this.logger.error('the demo failed and ended', error);
        this.stop();
      })
      .finally(() => (run.isPosting = false));
  }

  private get isFull(): boolean {
    return this.link.fill >= MAX_FILL;
  }

  private async postDue(run: Run): Promise<void> {
    while (this.run === run && run.upcoming.done !== true && !this.isFull) {
      const { seconds, ...trade } = run.upcoming.value;
      if (seconds > run.marketSeconds) return;
      run.upcoming = run.trades.next();
      const { accepted, refused } = await this.bulk.emitAll([trade]);
      this.accepted += accepted;
      this.refused += refused.length;
    }
  }
}
