// `npm run manifests:build`: writes deploy/kubernetes, run from the repository's root.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { manifestFiles } from './manifest-catalogue.js';

const FOLDER = join('deploy', 'kubernetes');
for (const part of ['base', 'overlays', 'components'])
  rmSync(join(FOLDER, part), { recursive: true, force: true });
for (const [name, text] of manifestFiles()) {
  const path = join(FOLDER, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(path);
}
