import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const lmdbPath = createRequire(import.meta.url).resolve('lmdb');

/** Reads every value, and begins to write one, which also reads the list of free pages; then leaves it as it was. */
const TRY_ALL = `
const { open, ABORT } = require(process.argv[1]);
const db = open({ path: process.argv[2], noSubdir: true, encoding: 'string', overlappingSync: false });
for (const { value } of db.getRange({})) value.length;
db.transactionSync(() => {
  for (let copy = 0; copy < 50; copy += 1) db.putSync(['probe', copy], 'x'.repeat(5000));
  return ABORT;
});
`;

/** Reading some megabytes takes a fraction of a second; a damaged tree may lead in circles. */
const TIMEOUT_MS = 30_000;

/**
 * Whether LMDB can work with a file. It maps the file into memory and trusts it: one that was cut short or
 * overwritten ends the whole process, without an error that could be caught. So a process of its own tries it first.
 */
export function canBeRead(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const reader = spawn(process.execPath, ['-e', TRY_ALL, lmdbPath, path], {
      stdio: 'ignore',
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    reader.once('error', reject);
    reader.once('close', (code) => resolve(code === 0));
  });
}
