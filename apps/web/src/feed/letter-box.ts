import { askGuarded, wantsToken, type Asker } from '../access/guarded-ask.js';
import type { Tape } from '../tape/tape-model.js';
import type { ChangeSignal } from './change-signal.js';
import { readLetter, type LetterList } from './letter.js';

const SHOWN = 200;

/** The sidecar's dead letters, fetched when their number changes; those of events on the tape mark their rows. */
export class LetterBox {
  list: LetterList | undefined;
  /** Why the last fetch failed, in plain words. */
  fault: string | undefined;
  /** True when it failed for want of a token: the user can give it. */
  needsToken = false;
  private fetching = false;
  private again = false;

  constructor(
    private readonly tape: Tape,
    private readonly signal: ChangeSignal,
  ) {}

  /** Fetches them; a call during a fetch leads to one more. Never rejects. A user is asked for the token, if need be. */
  async refresh(asker: Asker = 'page'): Promise<void> {
    if (this.fetching) {
      this.again = true;
      return;
    }
    this.fetching = true;
    do {
      this.again = false;
      await this.fetchOnce(asker);
    } while (this.again);
    this.fetching = false;
  }

  private async fetchOnce(asker: Asker): Promise<void> {
    try {
      this.list = await askGuarded<LetterList>(`sidecar/dead-letters?limit=${SHOWN}`, {}, asker);
      this.fault = undefined;
      this.needsToken = false;
      this.markRows();
    } catch (error) {
      this.fault = error instanceof Error ? error.message : String(error);
      this.needsToken = wantsToken(error);
    }
    this.signal.changed();
  }

  private markRows(): void {
    for (const letter of this.list?.letters ?? []) {
      const { side, qty, ts, symbol, price } = readLetter(letter);
      if (side !== undefined && qty !== undefined && ts !== undefined) {
        this.tape.rejected({ side, qty, ts, symbol, price }, `${letter.reason}: ${letter.detail}`);
      }
    }
  }
}
