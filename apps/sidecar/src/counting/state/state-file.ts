import { randomUUID } from 'node:crypto';
import { ConfigurationError } from '@app/service-kit';
import { FilePlace } from '@app/zmq-transport';
import {
  causeOf,
  damaged,
  isRunning,
  LETTER_KEY,
  openEnvironment,
  ownIdentity,
  OWNER_KEY,
  prepareFolder,
  type ProcessIdentity,
  RECORD_KEY,
  ROW_KEY,
  type StateEnvironment,
  stateFault,
  readSnapshot,
  writeSnapshot,
} from './state-folder.js';
import {
  type KeptState,
  type NumberedLetter,
  seal,
  STATE_FORMAT,
  type StateChange,
  type StateRecord,
  unseal,
} from './state-record.js';

/** Injects the `StateFile`, or undefined without SIDECAR_STATE_DIR. */
export const KEPT_FILE = Symbol('KEPT_FILE');

interface Owner extends ProcessIdentity {
  /** A new one for every opening: it tells two openings by one process apart. */
  readonly token: string;
}

/** The state on disk, and the right to write it, which one process has at a time. */
export class StateFile {
  private readonly token = randomUUID();
  /** After a failure lmdb-js prints a stack for each further one. Its synchronous transaction throws instead. */
  private failing = false;

  private constructor(
    private readonly folder: string,
    private readonly environment: StateEnvironment,
    private readonly place: FilePlace,
    private readonly snapshot: Buffer | undefined,
  ) {}

  /**
   * Opens the state of a folder; creates an empty one where there is none.
   *
   * @throws ConfigurationError when the folder cannot be used, another process has it, or the state cannot be trusted
   */
  static async open(folder: string): Promise<StateFile> {
    const path = await prepareFolder(folder);
    try {
      const snapshot = await readSnapshot(folder);
      const file = new StateFile(folder, openEnvironment(path), new FilePlace(path), snapshot);
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

  /** Why nothing can be written now: the folder is not where it was. Undefined while it is. */
  get fault(): string | undefined {
    return this.place.isLost
      ? `the folder ${this.folder} was moved away, deleted or replaced; put it back, or start the sidecar again, which ` +
          'then continues from what it finds there'
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
      const isKnown = record.format === STATE_FORMAT;
      kept = {
        record,
        letters: isKnown ? this.readLetters() : [],
        rows: isKnown ? this.readRows() : new Map(),
        snapshot: this.snapshot,
      };
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

  /** Writes all of a change or nothing. Resolves when the disk has it; rejects when it does not. */
  async write(change: StateChange): Promise<void> {
    // Writing to a folder that was moved still works, but the next start does not find what was written.
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

  /**
   * Replaces the snapshot, after the counts that it belongs to: what comes again after a kill must not be in it. It is not in LMDB,
   * which ends the process over a damaged page count of a large value.
   */
  async writeSnapshot(snapshot: Buffer): Promise<void> {
    await writeSnapshot(this.folder, snapshot);
  }

  /** Releases the folder for the next process. Nothing can be written after that. */
  async close(): Promise<void> {
    this.environment.transactionSync(() => {
      if (this.owner()?.token === this.token) this.environment.removeSync(OWNER_KEY);
    });
    await this.environment.close();
  }

  /** In one transaction, so that of two processes that start at once the second sees the first. */
  private claim(): void {
    this.environment.transactionSync(() => {
      const owner = this.owner();
      if (owner && isRunning(owner)) {
        throw stateFault(
          this.folder,
          `is in use by the process ${owner.pid}; stop that process, or give each sidecar its own folder`,
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
      letter: unseal(this.environment.get([prefix, number]), `letter ${number}`),
    }));
  }

  private readRows(): KeptState['rows'] {
    const rows = new Map<string, Map<string, unknown>>();
    const range = this.environment.getRange({ start: [ROW_KEY, '', ''], end: [ROW_KEY, '\uffff', ''] });
    for (const { key, value } of range) {
      const [, part, name] = key as [string, string, string];
      const values = rows.get(part) ?? new Map<string, unknown>();
      rows.set(part, values.set(name, unseal(value, `${name} of ${part}`)));
    }
    return rows;
  }

  private letterKeys(below: number): [string, number][] {
    const range = this.environment.getKeys({ start: [LETTER_KEY, 0], end: [LETTER_KEY, below] });
    return [...range] as [string, number][];
  }

  private apply({ record, letters, firstLetter, rows }: StateChange): void {
    // Two containers on one volume cannot see each other's processes. This check keeps the second one out.
    if (this.owner()?.token !== this.token) throw new Error('another process took the folder over');
    for (const key of this.letterKeys(firstLetter)) this.environment.removeSync(key);
    for (const { number, letter } of letters) this.environment.putSync([LETTER_KEY, number], seal(letter));
    for (const { part, key, value } of rows) {
      if (value === undefined) this.environment.removeSync([ROW_KEY, part, key]);
      else this.environment.putSync([ROW_KEY, part, key], seal(value));
    }
    this.environment.putSync(RECORD_KEY, seal(record));
  }
}

/** lmdb-js gives the reason of a failed commit by a promise of its own. It must be awaited, or its rejection is unhandled. */
async function commitErrorOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !('commitError' in error)) return error;
  try {
    await error.commitError;
    return error;
  } catch (cause) {
    return cause;
  }
}
