import { open, type RootDatabase } from 'lmdb';

export type StateEnvironment = RootDatabase<string, string | [string, number]>;

/** The key of the one value that counts and positions are. */
export const RECORD_KEY = 'record';
/** The key of the process that may write. */
export const OWNER_KEY = 'owner';
/** The first part of the keys of letters; the second is a letter's number. */
export const LETTER_KEY = 'letter';

/** Opens LMDB so that a commit is done when the disk has it. */
export function openEnvironment(path: string): StateEnvironment {
  return open<string, string | [string, number]>({
    path,
    noSubdir: true,
    encoding: 'string',
    // Otherwise a commit is reported before it is on the disk, and only the newest flush can be waited for.
    overlappingSync: false,
    // Otherwise lmdb-js makes a promise for each turn that nobody can see, and whose rejection ends the process.
    eventTurnBatching: false,
  });
}
