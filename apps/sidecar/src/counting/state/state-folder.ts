import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, constants, linkSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '@app/service-kit';
import { checkOwnFile, makeFolder, missingRight, openOwnFile, probeLmdb } from '@app/zmq-transport';
import { Logger } from '@nestjs/common';
import { open, type RootDatabase } from 'lmdb';
import { NO_COUNTS, seal, STATE_FORMAT, type StateRecord } from './state-record.js';

/** The state's file in its folder. */
export const STATE_FILE = 'state.mdb';
/** The key of the one value that holds counts and positions. */
export const RECORD_KEY = 'record';
/** The key of the process that may write. */
export const OWNER_KEY = 'owner';
/** The first part of the keys of letters; the second is a letter's number. */
export const LETTER_KEY = 'letter';

/** The first part of the keys of rows; the others are their part and their key in it. */
export const ROW_KEY = 'row';
/** The file of the newest snapshot of the analysis, beside the state's. */
export const SNAPSHOT_FILE = 'analysis.snapshot';
/** A larger one was not written by a sidecar. */
const MAX_SNAPSHOT_BYTES = 2 ** 28;

type StateKey = string | [string, number] | [string, string, string];
export type StateEnvironment = RootDatabase<string, StateKey>;

const EMPTY: StateRecord = { format: STATE_FORMAT, counters: NO_COUNTS, positions: [], letters: 0 };

/** Opens LMDB so that a commit is done when the disk has it. */
export function openEnvironment(path: string): StateEnvironment {
  return open<string, StateKey>({
    path,
    noSubdir: true,
    encoding: 'string',
    // Otherwise lmdb-js reports a commit before the disk has it, and only the newest flush can be awaited.
    overlappingSync: false,
    // Otherwise lmdb-js makes a hidden promise for each turn, and a rejection of it ends the process.
    eventTurnBatching: false,
  });
}

/**
 * Makes sure that the folder holds a state that can be opened; creates an empty one where there is none.
 *
 * @returns the path of the state's file
 * @throws ConfigurationError when the folder cannot be used, or its file is not a state
 */
export async function prepareFolder(folder: string): Promise<string> {
  const path = join(folder, STATE_FILE);
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    if (!isThere(path)) await create(path);
    // Other users have no business with rejected inputs and names of producers, and an earlier umask may have been lax.
    for (const name of [path, `${path}-lock`]) {
      if (isThere(name)) checkOwnFile(name);
      else await (await openOwnFile(name, constants.O_RDWR)).close();
    }
  } catch (error) {
    throw stateFault(folder, `cannot be used: ${missingRight(folder, error) ?? causeOf(error)}`);
  }
  const reason = await probeLmdb({ path, noSubdir: true });
  if (reason !== undefined) throw damaged(folder, reason);
  return path;
}

/** Stops the start with exit code 78, since the next start would fail the same way. `what` says what to do. */
export function stateFault(folder: string, what: string): ConfigurationError {
  return new ConfigurationError([{ key: 'SIDECAR_STATE_DIR', message: `${JSON.stringify(folder)} ${what}` }]);
}

/** The fault of a file that cannot be trusted. `reason`: what is wrong with it. */
export function damaged(folder: string, reason: string): ConfigurationError {
  return stateFault(
    folder,
    'holds a state that is damaged; move the folder away and put a backup of it there, ' +
      `or start with an empty folder, which counts from zero (state.mdb: ${reason})`,
  );
}

/** An error in one line. */
export function causeOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] ?? '';
}

/** The file gets its name only when it is complete: so an empty file under that name is always damage. */
async function create(path: string): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  try {
    rmSync(draft, { force: true });
    const environment = openEnvironment(draft);
    environment.putSync(RECORD_KEY, seal(EMPTY));
    await environment.close();
    chmodSync(draft, 0o600);
    linkSync(draft, path);
  } catch (error) {
    // Another process was faster. Its state is as good, and the owner's entry decides which of the two may continue.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
    rmSync(`${draft}-lock`, { force: true });
  }
}

/** The newest snapshot; undefined without one, and empty when it cannot be read: what is in it must not stop a start. */
export async function readSnapshot(folder: string): Promise<Buffer | undefined> {
  const path = join(folder, SNAPSHOT_FILE);
  if (!isThere(path)) return undefined;
  try {
    const file = await openOwnFile(path, constants.O_RDONLY);
    try {
      const { size } = await file.stat();
      return size > MAX_SNAPSHOT_BYTES ? Buffer.alloc(0) : await file.readFile();
    } finally {
      await file.close();
    }
  } catch (error) {
    Logger.warn(`${path} cannot be read: ${causeOf(error)}`, 'StateFile');
    return Buffer.alloc(0);
  }
}

/** Replaces the snapshot. A loss of power may leave a damaged one, which its checksum tells. */
export async function writeSnapshot(folder: string, snapshot: Buffer): Promise<void> {
  const path = join(folder, SNAPSHOT_FILE);
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  await writeFile(draft, snapshot, { mode: 0o600, flag: 'wx' });
  await rename(draft, path);
}

/** True for a link that leads nowhere, too. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** A process. The start time tells it apart from a later process with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as the system writes it; only for comparing. */
  readonly started: string;
}

/** The number of the field `starttime` in /proc/PID/stat, counted after the program's name. */
const START_FIELD = 19;

/** This process. */
export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? 'unknown' };
}

/** Whether this same process still runs on this machine; another process with its number does not count. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return startOf(pid) === started;
}

/** When a process started; undefined when no process has this number. */
function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  return process.platform === 'linux' ? startOnLinux(pid) : startElsewhere(pid);
}

function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The program's name is in brackets and may contain anything, even brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; its parent has not collected its exit code yet.
    if (fields[0] === 'Z') return undefined;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[START_FIELD]}`;
  } catch (error) {
    // It has ended meanwhile.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function startElsewhere(pid: number): string {
  return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
}
