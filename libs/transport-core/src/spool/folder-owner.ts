import { randomUUID } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { SpoolFailedError, SpoolUnusableError } from '../errors.js';
import { FilePlace, opennessOf } from './own-file.js';

const OWNER_BYTES = 200;

interface Owner {
  readonly pid: number;
  /** When the process started, in the system's own unit; undefined where the system does not say. */
  readonly startedAt: string | undefined;
}

/** At most 15 digits, so that one can always be added to the number. */
const OWNER_FILE = /^owner\.(\d{1,15})$/;

/**
 * Holds a folder for one process. Its file is `owner.<n>`. A process that takes over from a dead owner makes `owner.<n + 1>`,
 * which only one process can: of two that find the same dead owner, only one gets the folder.
 *
 * Processes in different containers that share a folder cannot see each other: give each its own folder.
 */
export class FolderOwner {
  private readonly place: FilePlace;

  private constructor(private readonly path: string) {
    this.place = new FilePlace(path);
  }

  /** @throws SpoolUnusableError that names the process that has the folder. */
  static take(directory: string): FolderOwner {
    for (;;) {
      const latest = latestGeneration(directory);
      if (latest > 0) {
        refuseLiving(directory, latest);
      }
      const owner = claim(directory, latest + 1);
      if (owner !== undefined) {
        removeOlder(directory, latest + 1);
        return new FolderOwner(owner);
      }
    }
  }

  /** Leaves the file alone when the folder was replaced: it is another owner's then. */
  release(): void {
    if (!this.place.isLost) {
      rmSync(this.path, { force: true });
    }
  }
}

function generations(directory: string): number[] {
  return readdirSync(directory).flatMap((name) => {
    const generation = OWNER_FILE.exec(name)?.[1];
    return generation === undefined ? [] : [Number(generation)];
  });
}

function latestGeneration(directory: string): number {
  return Math.max(0, ...generations(directory));
}

/** @returns the file's path, or undefined when another process was faster. */
function claim(directory: string, generation: number): string | undefined {
  const path = join(directory, `owner.${generation}`);
  const draft = join(directory, `owner-draft.${randomUUID()}`);
  const owner: Owner = { pid: process.pid, startedAt: startTime(process.pid) };
  writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    // Unlike a file that is created and then written, a link appears complete: nobody reads half an owner.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
      return undefined;
    }
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  if (latestGeneration(directory) > generation) {
    // The folder looked free because a later owner had already removed the older files.
    rmSync(path, { force: true });
    return undefined;
  }
  return path;
}

function removeOlder(directory: string, current: number): void {
  for (const generation of generations(directory)) {
    if (generation < current) {
      rmSync(join(directory, `owner.${generation}`), { force: true });
    }
  }
}

function refuseLiving(directory: string, generation: number): void {
  const owner = readOwner(join(directory, `owner.${generation}`));
  if (owner !== undefined && isAlive(owner)) {
    const who = owner.pid === process.pid ? `this process (pid ${owner.pid})` : `process ${owner.pid}`;
    throw new SpoolUnusableError(
      `the spool in ${directory} belongs to ${who}: a spool has one owner at a time; give each its own folder`,
    );
  }
}

/** @returns undefined when the file has gone since, or cannot have been written by an owner. */
function readOwner(path: string): Owner | undefined {
  let text: string;
  try {
    text = readOwnerFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const [, pid, startedAt] = /^\{"pid":(\d+)(?:,"startedAt":"(\d+)")?\}$/.exec(text) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), startedAt };
}

/** Owners make files of a few bytes. Does not follow, wait for or fully read anything else under such a name. */
function readOwnerFile(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    return stats.isFile() && stats.size <= OWNER_BYTES ? readFileSync(file, 'utf8') : '';
  } finally {
    closeSync(file);
  }
}

function isAlive(owner: Owner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it lives, as another user's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') {
      return false;
    }
  }
  const startedAt = startTime(owner.pid);
  return owner.startedAt === undefined || startedAt === owner.startedAt;
}

/** When a process started, from /proc; undefined without /proc, and for a dead process or a zombie. */
function startTime(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return undefined;
    }
    throw error;
  }
  // The program's name, in brackets, may contain anything; the state is field 3 and the start field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

/** How often the folder is checked when nothing is appended. */
const LOOK_INTERVAL_MS = 2000;
const IS_GONE =
  'is gone: its folder was moved away, deleted or replaced. It stores nothing until you put the folder back, ' +
  'or restart the program after it has sent what waits';

/**
 * Watches the folder of an open spool. When the folder is moved away, storing still works for the process that has it open, but
 * the next start will not find the events. Its timer does not keep the process alive.
 */
export class FolderWatch {
  /** Why nothing can be stored now; undefined while it can. */
  fault: string | undefined;
  private readonly timer = setInterval(() => this.look(), LOOK_INTERVAL_MS).unref();

  /**
   * @param store its `isLost` says that the next start would not find what it stores
   * @param warn gets words to put behind the spool's name: others may write to the folder, it is gone, or it is back
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
   * Checks the folder now: a refused event can be posted again, one that is lost with the folder cannot.
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
    this.warn(isGone ? IS_GONE : 'is back: it stores events again');
  }
}
