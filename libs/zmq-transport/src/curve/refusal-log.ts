import type { LoggerService } from '@nestjs/common';
import { ThrottledLog } from '@app/transport-core';
import { explainToServer, type RefusalReason } from './refusal.js';

/**
 * While keys are changed as planned, clients expect the server's next key for some seconds before it has it. Longer than
 * that, and it is no change but a fault.
 */
export const KEY_CHANGE_MS = 10_000;
/** One peer that is set wrongly comes again for as long as it lives. */
const REPEAT_MS = 60_000;

/** Counts the peers that a server refused, and says so: of each peer and reason once a minute, and one line a second at most. */
export class RefusalLog {
  private refused = 0;
  private mismatchSinceMs: number | undefined;
  private mismatchAtMs = Number.NEGATIVE_INFINITY;
  private saidAtMs = new Map<string, number>();
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
    const nowMs = performance.now();
    if (reason === 'server_key' && this.mayBeKeyChange(nowMs)) {
      return;
    }
    const line = `refused ${who}: ${explainToServer(reason)}`;
    if (nowMs - (this.saidAtMs.get(line) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) {
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
    this.mismatchSinceMs = undefined;
    this.saidAtMs.clear();
  }

  private mayBeKeyChange(nowMs: number): boolean {
    if (nowMs - this.mismatchAtMs > KEY_CHANGE_MS) {
      this.mismatchSinceMs = undefined;
    }
    this.mismatchAtMs = nowMs;
    this.mismatchSinceMs ??= nowMs;
    return nowMs - this.mismatchSinceMs < KEY_CHANGE_MS;
  }
}

const MAX_REMEMBERED = 1000;
