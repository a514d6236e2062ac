// `npm run images:verify`: builds both images and proves that they run as deployments need them.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { ROOT } from './lib/project.mjs';
import { readOptions } from './lib/options.mjs';
import { runScript } from './lib/script-error.mjs';
import { endOnSignals } from './lib/stop-signal.mjs';

const USAGE = `usage: npm run images:verify
Builds both images of deploy/docker/Dockerfile and runs them: read-only, without rights, with volumes and secrets. By Docker
where its daemon answers (NODE_IMAGE and DEBIAN_IMAGE: a mirror's bases), else, as root on Debian, by buildah and runc.`;

await runScript(async () => {
  readOptions('images:verify', USAGE);
  await ensureInstalled();
  await build(['deploy'], { onlyStale: true });
  process.chdir(ROOT);
  const module = join(ROOT, 'dist/deploy/deploy/docker/src/verify-images.js');
  const { stopContainers, verifyImages } = await import(pathToFileURL(module).href);
  endOnSignals(stopContainers);
  return verifyImages();
});
