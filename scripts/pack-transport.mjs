// `npm run pack:transport`: builds libs/zmq-transport as the package nestjs-zmq-transport, packs it into dist/libs, and
// prints the tarball's path. `--no-pack` only builds the package's folder, dist/libs/zmq-transport.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile, ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { runStep } from './lib/step.mjs';

const source = join(ROOT, 'libs', 'zmq-transport');
const folder = join(ROOT, 'dist', 'libs', 'zmq-transport');

await runScript(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tsc = packageFile('typescript', 'bin', 'tsc');
  await runStep('the build of the transport', process.execPath, [
    tsc,
    '-p',
    join(source, 'tsconfig.build.json'),
  ]);
  copyFileSync(join(source, 'package.json'), join(folder, 'package.json'));
  copyFileSync(join(source, 'README.md'), join(folder, 'README.md'));
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  if (process.argv.includes('--no-pack')) return;
  await runStep('npm pack', 'npm', ['pack', folder, '--pack-destination', join(ROOT, 'dist', 'libs')]);
});
