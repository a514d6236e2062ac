import type { LoggerService } from '@nestjs/common';
import { explainToServer, type RefusalReason } from './refusal.js';

const LOG_INTERVAL_MS = 1000;

/** Counts the peers that a server refused and says so, at most one line a second however many knock. */
export class RefusalLog {
  private refused = 0;
  private loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly logger: LoggerService,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  get count(): number {
    return this.refused;
  }

  /** @param who what is known of it, such as a public key and an address */
  add(reason: RefusalReason, who = 'a peer'): void {
    this.refused += 1;
    const now = this.nowMs();
    if (now - this.loggedAtMs >= LOG_INTERVAL_MS) {
      this.loggedAtMs = now;
      this.logger.warn(`refused ${who}: ${explainToServer(reason)} (${this.refused} refused so far)`);
    }
  }
}
