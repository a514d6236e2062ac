import { performance } from 'node:perf_hooks';
import { PeerUnreachableError } from '../errors.js';

interface PendingPing {
  readonly startMs: number;
  readonly resolve: (seconds: number) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Round trips under way, and the last one's time. */
export class Pings {
  private readonly pending = new Map<string, PendingPing>();
  private lastToken = 0;
  private last = Number.NaN;

  get lastSeconds(): number {
    return this.last;
  }

  /** @returns the round trip in seconds. @throws PeerUnreachableError after `timeoutMs` */
  start(send: (token: string) => void, timeoutMs: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.lastToken += 1;
      const token = String(this.lastToken);
      const timer = setTimeout(() => {
        this.pending.delete(token);
        reject(new PeerUnreachableError(`no answer to a ping within ${timeoutMs} ms`));
      }, timeoutMs);
      this.pending.set(token, { startMs: performance.now(), resolve, reject, timer });
      send(token);
    });
  }

  settle(token: string): void {
    const ping = this.pending.get(token);
    if (ping !== undefined) {
      this.pending.delete(token);
      clearTimeout(ping.timer);
      this.last = (performance.now() - ping.startMs) / 1000;
      ping.resolve(this.last);
    }
  }

  failAll(error: Error): void {
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.pending.clear();
  }
}
