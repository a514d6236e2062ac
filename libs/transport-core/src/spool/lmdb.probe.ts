import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/**
 * Reads every value, and begins to write some, which also reads the list of free pages; then leaves all as it was.
 * A damaged tree may lead in circles: keys that do not rise are damage.
 */
const TRY_ALL = `
const { open, compareKeys, ABORT } = require(process.argv[1]);
const db = open({ ...JSON.parse(process.argv[2]), encoding: 'binary', overlappingSync: false });
let last;
for (const { key, value } of db.getRange({})) {
  if (last !== undefined && compareKeys(last, key) >= 0) throw new Error('its keys are not in order');
  last = key;
  value.length;
}
db.transactionSync(() => {
  for (let copy = 0; copy < 50; copy += 1) db.putSync(['probe', copy], Buffer.alloc(5000));
  return ABORT;
});
`;

const LEAST_TIMEOUT_MS = 30_000;
/** Slow disks read at least that much in a millisecond, in bytes. */
const SLOW_DISK_BYTES_PER_MS = 5000;

/** How lmdb is told of an environment. */
export interface LmdbPlace {
  readonly path: string;
  /** Whether the path is the file and not its folder. */
  readonly noSubdir: boolean;
}

/**
 * Lets a process of its own try what lmdb has on the disk, which takes a tenth of a second and the time to read it.
 * lmdb maps the file into memory and trusts it: one that was cut short or overwritten ends the whole process, without
 * an error that could be caught.
 *
 * @returns why lmdb cannot work with it, in words; undefined when it can
 */
export function probeLmdb({ path, noSubdir }: LmdbPlace): Promise<string | undefined> {
  const place: LmdbPlace = { path: resolve(path), noSubdir };
  return new Promise((settle, reject) => {
    const reader = spawn(process.execPath, ['-e', TRY_ALL, lmdbModule(), JSON.stringify(place)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: LEAST_TIMEOUT_MS + Math.ceil(bytesOf(place) / SLOW_DISK_BYTES_PER_MS),
      killSignal: 'SIGKILL',
    });
    let stderr = '';
    reader.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (stderr = `${stderr}${text}`.slice(0, 4000)));
    reader.once('error', reject);
    reader.once('close', (code, signal) => settle(code === 0 ? undefined : outcome(stderr, signal)));
  });
}

function outcome(stderr: string, signal: NodeJS.Signals | null): string {
  const [, message] = /^(?:\w*Error: )(.+)$/m.exec(stderr) ?? [];
  return message ?? (signal === null ? 'reading it fails' : `reading it ends with ${signal}`);
}

function bytesOf({ path, noSubdir }: LmdbPlace): number {
  const file = noSubdir ? path : join(path, 'data.mdb');
  return existsSync(file) ? statSync(file).size : 0;
}

/** From here, wherever the program was started. */
function lmdbModule(): string {
  return createRequire(import.meta.url).resolve('lmdb');
}
