import { randomUUID } from 'node:crypto';
import { ConfigurationError } from '@app/service-kit';
import { FilePlace } from '@app/zmq-transport';
import type { DeadLetter, NumberedLetter } from '../rejections/dead-letter.js';
import { isRunning, ownIdentity, type ProcessIdentity } from './process.identity.js';
import { seal, unseal } from './sealed.text.js';
import {
  LETTER_KEY,
  openEnvironment,
  OWNER_KEY,
  RECORD_KEY,
  type StateEnvironment,
} from './state.environment.js';
import { causeOf, damaged, stateFault } from './state.fault.js';
import { prepareFolder } from './state.folder.js';
import { STATE_FORMAT, type KeptState, type StateChange, type StateRecord } from './state.record.js';

interface Owner extends ProcessIdentity {
  /** Another one for every opening: two of one process are told apart too. */
  readonly token: string;
}

/** The state on disk, and the right to write it: one process at a time has it. */
export class StateFile {
  private readonly token = randomUUID();
  /** After a failure lmdb-js would print a stack for each further one; its synchronous way throws instead. */
  private failing = false;

  private constructor(
    private readonly folder: string,
    private readonly environment: StateEnvironment,
    private readonly place: FilePlace,
  ) {}

  /**
   * Opens the state of a folder, and an empty one where there is none.
   *
   * @throws ConfigurationError when the folder cannot be used, another process has it, or the state cannot be trusted
   */
  static async open(folder: string): Promise<StateFile> {
    const path = await prepareFolder(folder);
    try {
      const file = new StateFile(folder, openEnvironment(path), new FilePlace(path));
      try {
        file.claim();
      } catch (error) {
        await file.environment.close();
        throw error;
      }
      return file;
    } catch (error) {
      if (error instanceof ConfigurationError) throw error;
      throw damaged(folder, causeOf(error));
    }
  }

  /** Why nothing can be kept now, in words: the folder is not where it was. Undefined while it is. */
  get fault(): string | undefined {
    return this.place.isLost
      ? `the folder ${this.folder} was moved away, deleted or replaced; put it back, or start the sidecar anew, which ` +
          'then counts from what it finds there'
      : undefined;
  }

  /**
   * What an earlier process kept.
   *
   * @throws ConfigurationError when it cannot be trusted, or was written by a newer version
   */
  read(): KeptState {
    let kept: KeptState;
    try {
      const record = unseal(this.environment.get(RECORD_KEY), 'the record') as StateRecord;
      kept = { record, letters: record.format === STATE_FORMAT ? this.readLetters() : [] };
    } catch (error) {
      throw damaged(this.folder, causeOf(error));
    }
    const { format, letters } = kept.record;
    if (format !== STATE_FORMAT) {
      throw stateFault(
        this.folder,
        `holds a state of format ${String(format)}, and this version knows only ${STATE_FORMAT}; ` +
          'start the version that wrote it, or use another folder',
      );
    }
    if (letters !== kept.letters.length) throw damaged(this.folder, 'letters are missing');
    return kept;
  }

  /** Writes all of a change or nothing; resolves when the disk has it. Rejects when it has not. */
  async write(change: StateChange): Promise<void> {
    // What is written to a folder that was moved away works as ever, and the next start finds nothing of it.
    const { fault } = this;
    if (fault !== undefined) throw new Error(fault);
    const apply = (): void => this.apply(change);
    try {
      if (this.failing) this.environment.transactionSync(apply);
      else await this.environment.childTransaction(apply);
      this.failing = false;
    } catch (error) {
      this.failing = true;
      throw await commitErrorOf(error);
    }
  }

  /** Gives the folder free for the next process. Nothing can be written any more. */
  async close(): Promise<void> {
    this.environment.transactionSync(() => {
      if (this.owner()?.token === this.token) this.environment.removeSync(OWNER_KEY);
    });
    await this.environment.close();
  }

  /** Within one transaction: of two that start at once, the second sees the first. */
  private claim(): void {
    this.environment.transactionSync(() => {
      const owner = this.owner();
      if (owner && isRunning(owner)) {
        throw stateFault(
          this.folder,
          `is in use by the process ${owner.pid}; stop that one, or give each sidecar a folder of its own`,
        );
      }
      this.environment.putSync(OWNER_KEY, seal({ ...ownIdentity(), token: this.token } satisfies Owner));
    });
  }

  private owner(): Owner | undefined {
    const sealed = this.environment.get(OWNER_KEY);
    if (sealed === undefined) return undefined;
    try {
      return unseal(sealed, 'the owner') as Owner;
    } catch (error) {
      throw damaged(this.folder, causeOf(error));
    }
  }

  private readLetters(): NumberedLetter[] {
    return this.letterKeys(Number.POSITIVE_INFINITY).map(([prefix, number]) => ({
      number,
      letter: unseal(this.environment.get([prefix, number]), `letter ${number}`) as DeadLetter,
    }));
  }

  private letterKeys(below: number): [string, number][] {
    const range = this.environment.getKeys({ start: [LETTER_KEY, 0], end: [LETTER_KEY, below] });
    return [...range] as [string, number][];
  }

  private apply({ record, letters, firstLetter }: StateChange): void {
    // Where processes cannot see each other (two containers on one volume) this is what keeps a second one out.
    if (this.owner()?.token !== this.token) throw new Error('another process took the folder over');
    for (const key of this.letterKeys(firstLetter)) this.environment.removeSync(key);
    for (const { number, letter } of letters) this.environment.putSync([LETTER_KEY, number], seal(letter));
    this.environment.putSync(RECORD_KEY, seal(record));
  }
}

/** lmdb-js says why a commit failed by a promise of its own, which nobody else must leave unobserved. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
