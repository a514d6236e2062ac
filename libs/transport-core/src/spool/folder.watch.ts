import { SpoolFailedError } from '../errors.js';
import { opennessOf } from './folder.maker.js';

/** How often it is looked at, when nobody asks. */
const LOOK_INTERVAL_MS = 2000;
const IS_GONE =
  'is not there any more: its folder was moved away, deleted or replaced. Nothing is stored until it is put back, ' +
  'or the program is started anew once what waits has been sent';

/**
 * Looks after the folder of an open spool. What is stored in a folder that was moved away, nobody finds again, while for
 * who has it open all works as before. Its timer does not keep the process alive.
 */
export class FolderWatch {
  /** Why nothing can be stored now; undefined while it can. */
  fault: string | undefined;
  private readonly timer = setInterval(() => this.look(), LOOK_INTERVAL_MS).unref();

  /**
   * @param store tells whether the next start would not find what it stores
   * @param warn hears, in words to put behind the spool's name: that others may write to the folder, that it is gone, or
   * back
   */
  constructor(
    private readonly directory: string,
    private readonly store: { readonly isLost: boolean },
    private readonly warn: (what: string) => void,
  ) {
    const openness = opennessOf(directory);
    if (openness !== undefined) {
      warn(openness);
    }
  }

  /**
   * Looks now: what is refused can be posted again, what is lost with the folder cannot.
   * @throws SpoolFailedError
   */
  assertThere(): void {
    this.look();
    if (this.fault !== undefined) {
      throw new SpoolFailedError(this.fault);
    }
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const isGone = this.store.isLost;
    if (isGone === (this.fault !== undefined)) {
      return;
    }
    this.fault = isGone ? `the spool in ${this.directory} ${IS_GONE}` : undefined;
    this.warn(isGone ? IS_GONE : 'is there again, and events are stored');
  }
}
