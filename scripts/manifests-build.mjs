// `npm run manifests:build`: writes the manifests of deploy/kubernetes.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';

const USAGE = `usage: npm run manifests:build
Writes deploy/kubernetes/{base,overlays,components} from their definitions in deploy/kubernetes/src.`;

await runScript(async () => {
  readOptions('manifests:build', USAGE);
  await ensureInstalled();
  await build(['deploy'], { onlyStale: true });
  process.chdir(ROOT);
  await import(pathToFileURL(join(ROOT, 'dist/deploy/deploy/kubernetes/src/write-manifests.js')).href);
});
