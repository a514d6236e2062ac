import { accessSync, chmodSync, constants, linkSync, lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError } from '@app/service-kit';
import { checkOwnFile, makeFolder, missingRight, openOwnFile, probeLmdb } from '@app/zmq-transport';
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

export type StateEnvironment = RootDatabase<string, string | [string, number]>;

const EMPTY: StateRecord = { format: STATE_FORMAT, counters: NO_COUNTS, positions: [], letters: 0 };

/** Opens LMDB so that a commit is done when the disk has it. */
export function openEnvironment(path: string): StateEnvironment {
  return open<string, string | [string, number]>({
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

/** True for a link that leads nowhere, too. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
