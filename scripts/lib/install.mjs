import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './project.mjs';
import { runStep } from './step.mjs';

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
 * Installs the locked packages when they are missing or outdated.
 * @throws {import('./script-error.mjs').ScriptError} when npm fails
 */
export async function ensureInstalled() {
  if (isInstalled()) return;
  console.log('installing packages (npm ci)');
  // The build needs the development packages, whatever NODE_ENV says. npm tells its scripts where it is itself.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund'];
  const npm = process.env['npm_execpath'];
  await (npm === undefined
    ? runStep('npm ci', 'npm', args)
    : runStep('npm ci', process.execPath, [npm, ...args]));
}
