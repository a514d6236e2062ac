import { accessSync, chmodSync, constants, linkSync, lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkOwnFile, makeFolder, missingRight, openOwnFile, probeLmdb } from '@app/zmq-transport';
import { openEnvironment, RECORD_KEY } from './state.environment.js';
import { seal } from './sealed.text.js';
import { NO_COUNTS } from './sidecar.counters.js';
import { causeOf, damaged, stateFault } from './state.fault.js';
import { STATE_FORMAT, type StateRecord } from './state.record.js';

/** The state's file in its folder. */
export const STATE_FILE = 'state.mdb';

const EMPTY: StateRecord = { format: STATE_FORMAT, counters: NO_COUNTS, positions: [], letters: 0 };

/**
 * Makes sure that the folder holds a state that can be opened, an empty one when there was none.
 *
 * @returns the path of the state's file
 * @throws ConfigurationError when the folder cannot be used, or what is in it is no state
 */
export async function prepareFolder(folder: string): Promise<string> {
  const path = join(folder, STATE_FILE);
  try {
    makeFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    if (!isThere(path)) await create(path);
    // Names of producers and rejected inputs are nobody else's business, and an earlier umask may have been lax.
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

/** The file gets its name only when it is complete: under that name an empty one is always damage, never a beginning. */
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
    // Another process was faster: its state is as good, and which of the two may go on is decided by the owner's entry.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
    rmSync(`${draft}-lock`, { force: true });
  }
}

/** Also a link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
