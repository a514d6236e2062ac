import { createStore } from 'zustand/vanilla';

/** Updates faster than people can read would only cost work. */
const QUIET_MS = 100;

/** Says that bounded state beside it changed, at most ten times a second, however often it is called. */
export class ChangeSignal {
  /** Its `version` grows with every notification. */
  readonly store = createStore(() => ({ version: 0 }));
  private timer: ReturnType<typeof setTimeout> | undefined;

  changed(): void {
    this.timer ??= setTimeout(() => this.tell(), QUIET_MS);
  }

  /** At once, for what the user did. */
  changedNow(): void {
    clearTimeout(this.timer);
    this.tell();
  }

  private tell(): void {
    this.timer = undefined;
    this.store.setState(({ version }) => ({ version: version + 1 }));
  }
}
