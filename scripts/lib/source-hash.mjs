import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './project.mjs';

/** What a build never reads: tests, and settings that are read at run time. */
const NOT_BUILT = /(^|\/)(test|node_modules)(\/|$)|\.spec\.tsx?$|(^|\/)\.env/;

/**
 * @param {string} path relative to the root
 * @returns {string[]} the files below it, or the file itself
 */
function filesBelow(path) {
  if (NOT_BUILT.test(path)) return [];
  if (!statSync(join(ROOT, path)).isDirectory()) return [path];
  return readdirSync(join(ROOT, path))
    .toSorted()
    .flatMap((name) => filesBelow(`${path}/${name}`));
}

/**
 * One hash for the names and contents of everything a build reads. Contents, not times: a checkout or a copy
 * changes times without changing a file.
 * @param {string[]} paths files and folders, relative to the root
 * @returns {string} hexadecimal
 */
export function sourceHash(paths) {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesBelow)) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}
