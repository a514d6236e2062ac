import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's root folder, absolute: every script works from here, wherever it was called from. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * Where the build puts an app's main file.
 * @param {string} app `sidecar` or `publisher`
 * @returns {string} absolute path
 */
export function entryOf(app) {
  return join(ROOT, 'dist', 'apps', app, 'apps', app, 'src', 'main.js');
}

/**
 * The JavaScript file behind a package's command. It is run by `node` itself: a shim from
 * node_modules/.bin would add a shell between a signal and the process it is meant for.
 * @param {...string} path inside node_modules
 * @returns {string} absolute path
 */
export function packageFile(...path) {
  return join(ROOT, 'node_modules', ...path);
}
