import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { timed } from './progress.mjs';
import { ROOT } from './project.mjs';
import { ScriptError } from './script-error.mjs';
import { runQuietly } from './step.mjs';

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }} LockEntry */

/**
 * @param {string} path
 * @returns {Record<string, LockEntry>}
 */
function lockedPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes node_modules/.package-lock.json as the
 * last act of an install, so an interrupted one counts as missing, and an install made by hand counts as done.
 * Optional packages are left out: most of them are other platforms' binaries.
 * @returns {boolean}
 */
export function isInstalled() {
  const installedLock = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(installedLock)) return false;
  const installed = lockedPackages(installedLock);
  return Object.entries(lockedPackages(join(ROOT, 'package-lock.json'))).every(
    ([path, entry]) =>
      path === '' ||
      entry.optional === true ||
      entry.devOptional === true ||
      installed[path]?.version === entry.version,
  );
}

/**
 * Installs the locked packages when they are missing or outdated. Warnings about other people's packages are not shown: they
 * name newer versions of Node than this project asks for, and nobody here can act on them.
 * @throws {ScriptError} with npm's own words when it fails
 */
export async function ensureInstalled() {
  if (isInstalled()) return;
  // The build needs the development packages, whatever NODE_ENV says. npm tells its scripts where it is itself.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env['npm_execpath'];
  await timed('installing packages (npm ci)', async () => {
    const { code, output } = await (npm === undefined
      ? runQuietly('npm', args)
      : runQuietly(process.execPath, [npm, ...args]));
    if (code !== 0) throw new ScriptError(`${output}npm ci failed (exit code ${code})`, code);
  });
}
