import { askJson } from '../net/problem.error.js';
import type { Tape } from '../tape/tape.model.js';
import type { ChangeSignal } from './change.signal.js';
import { readLetter, type LetterList } from './letter.js';

const SHOWN = 200;

/** The sidecar's dead letters, fetched when their number changes; those of events on the tape mark their rows. */
export class LetterBox {
  list: LetterList | undefined;
  /** Why the last fetch failed, in plain words. */
  fault: string | undefined;
  private fetching = false;
  private again = false;

  constructor(
    private readonly tape: Tape,
    private readonly signal: ChangeSignal,
  ) {}

  /** Fetches them; a call during a fetch leads to one more. Never rejects. */
  async refresh(): Promise<void> {
    if (this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    do {
      this.again = false;
      await this.fetchOnce();
    } while (this.again);
    this.fetching = false;
  }

  private async fetchOnce(): Promise<void> {
    try {
      this.list = await askJson<LetterList>(`/sidecar/dead-letters?limit=${SHOWN}`);
      this.fault = undefined;
      this.markRows();
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
    }
    this.signal.changed();
  }

  private markRows(): void {
    for (const letter of this.list?.letters ?? []) {
      const { side, qty, ts } = readLetter(letter);
      if (side !== undefined && qty !== undefined && ts !== undefined) {
        this.tape.rejected({ side, qty, ts }, `${letter.reason}: ${letter.detail}`);
      }
    }
  }
}
