import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'nest-cli.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('the working directory is not inside the repository');
  return rootAbove(parent);
}

/** The repository's root, from wherever below it the caller runs: sources and their compiled copies lie at different depths. */
export const ROOT = rootAbove(process.cwd());
