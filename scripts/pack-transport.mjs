// `npm run pack:transport`: builds libs/zmq-transport as the package nestjs-zmq-transport, packs it into dist/libs, and
// prints the tarball's path. `--no-pack` only builds the package's folder, dist/libs/zmq-transport.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packageFile, ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { runStep } from './lib/step.mjs';
import { readOptions } from './lib/options.mjs';

const source = join(ROOT, 'libs', 'zmq-transport');
const folder = join(ROOT, 'dist', 'libs', 'zmq-transport');

/** The core travels in the package: its alias becomes a path there, in code and in types alike. */
function linkCore() {
  const dist = join(folder, 'dist');
  const core = join(dist, 'transport-core', 'src');
  for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(js|d\.ts)$/.test(name)) continue;
    const file = join(dist, name);
    const path = relative(dirname(file), core);
    const text = readFileSync(file, 'utf8');
    const linked = text
      .replaceAll("'@app/transport-core'", `'${path}/index.js'`)
      .replaceAll(/'@app\/transport-core\/([^/']+)'/g, `'${path}/$1.js'`);
    if (linked !== text) writeFileSync(file, linked);
  }
}

const USAGE = `usage: npm run pack:transport -- [--no-pack]
Builds the package nestjs-zmq-transport, packs it, and prints where the tarball is.
  --no-pack  builds the folder of the package only`;

await runScript(async () => {
  const { values } = readOptions('pack:transport', USAGE);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tsc = packageFile('typescript', 'bin', 'tsc');
  await runStep('the build of the transport', process.execPath, [
    tsc,
    '-p',
    join(source, 'tsconfig.build.json'),
  ]);
  linkCore();
  copyFileSync(join(source, 'package.json'), join(folder, 'package.json'));
  copyFileSync(join(source, 'README.md'), join(folder, 'README.md'));
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  if (values['no-pack'] === true) return;
  const destination = join(ROOT, 'dist', 'libs');
  await runStep('npm pack', 'npm', ['pack', folder, '--pack-destination', destination]);
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  console.log(join(destination, `${name}-${version}.tgz`));
});
