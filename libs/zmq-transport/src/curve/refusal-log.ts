import type { LoggerService } from '@nestjs/common';
import { ThrottledLog } from '@app/transport-core';
import { explainToServer, type RefusalReason } from './refusal.js';

/** Counts the peers that a server refused and says so, at most one line a second however many knock. */
export class RefusalLog {
  private refused = 0;
  private readonly log: ThrottledLog;

  constructor(logger: LoggerService) {
    this.log = new ThrottledLog(logger);
  }

  get count(): number {
    return this.refused;
  }

  /** @param who what is known of it, such as a public key and an address */
  add(reason: RefusalReason, who = 'a peer'): void {
    this.refused += 1;
    this.log.warn(`refused ${who}: ${explainToServer(reason)} (${this.refused} refused so far)`);
  }
}
