import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './project.mjs';

/**
 * A library as the built sidecar has it. Build the sidecar, and import `reflect-metadata`, before.
 * @param {string} name its folder in libs
 */
export async function builtLibrary(name) {
  const file = join(ROOT, 'dist', 'apps', 'sidecar', 'libs', name, 'src', 'index.js');
  return await import(pathToFileURL(file).href);
}
