import type { LoggerService } from '@nestjs/common';
import { ThrottledLog } from '@app/transport-core';
import { explainToServer, type RefusalReason } from './refusal.js';

/** One peer that is set wrongly comes again for as long as it lives. */
const REPEAT_MS = 60_000;

/** Counts the peers that a server refused, and says so: of each peer and reason once a minute, and one line a second at most. */
export class RefusalLog {
  private refused = 0;
  private saidAtMs = new Map<string, number>();
  private readonly log: ThrottledLog;

  /** @param isKeyChanging whether clients may have been told of a key that this server does not have yet */
  constructor(
    logger: LoggerService,
    private readonly isKeyChanging: () => boolean = () => false,
  ) {
    this.log = new ThrottledLog(logger);
  }

  get count(): number {
    return this.refused;
  }

  /** @param who what is known of it, such as a public key and an address */
  add(reason: RefusalReason, who = 'a peer'): void {
    this.refused += 1;
    const nowMs = performance.now();
    const line = `refused ${who}: ${explainToServer(reason)}`;
    if (nowMs - (this.saidAtMs.get(line) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) {
      return;
    }
    if (reason === 'server_key' && this.isKeyChanging()) {
      return;
    }
    // Strangers have as many keys as they like.
    if (this.saidAtMs.size >= MAX_REMEMBERED) {
      this.saidAtMs.clear();
    }
    this.saidAtMs.set(line, nowMs);
    this.log.warn(`${line} (${this.refused} refused so far)`);
  }

  /** The keys are others: what did not fit may fit now. */
  keysChanged(): void {
    this.saidAtMs.clear();
  }
}

const MAX_REMEMBERED = 1000;
