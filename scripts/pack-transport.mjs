// `npm run pack:transport`: builds the transports as packages, packs them into dist/libs, and prints the tarballs' paths.
// `--no-pack` only builds the packages' folders.
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packageFile, ROOT } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runStep } from './lib/step.mjs';
import { readOptions } from './lib/options.mjs';

const TRANSPORTS = ['zmq', 'jetstream'];

/**
 * The core travels in the package: its alias becomes a path there, in code and in types alike.
 * @param {string} dist
 */
function linkCore(dist) {
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

/**
 * @param {string} library the name of its folder
 * @returns {Promise<string>} the folder of the built package
 */
async function buildPackage(library) {
  const source = join(ROOT, 'libs', library);
  const folder = join(ROOT, 'dist', 'libs', library);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tsc = packageFile('typescript', 'bin', 'tsc');
  const project = join(source, 'tsconfig.build.json');
  await runStep(`the build of ${library}`, process.execPath, [tsc, '-p', project]);
  linkCore(join(folder, 'dist'));
  copyFileSync(join(source, 'package.json'), join(folder, 'package.json'));
  // What `npx <package> init` writes.
  cpSync(join(source, 'template'), join(folder, 'template'), { recursive: true });
  copyFileSync(join(source, 'README.md'), join(folder, 'README.md'));
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  return folder;
}

const USAGE = `usage: npm run pack:transport -- [--no-pack] [TRANSPORT …]
Builds the packages nestjs-zmq-transport and nestjs-jetstream-transport, packs them, and prints where the tarballs are.
  --no-pack  builds the folders of the packages only
  TRANSPORT  ${TRANSPORTS.join(', ')}; all unless some are named`;

await runScript(async () => {
  const { values, words } = readOptions('pack:transport', USAGE, { takesWords: true });
  const unknown = words.find((word) => !TRANSPORTS.includes(word));
  if (unknown !== undefined)
    throw new ScriptError(`pack:transport: there is no transport ${unknown}\n${USAGE}`, 64);
  for (const transport of TRANSPORTS.filter((it) => words.length === 0 || words.includes(it))) {
    const folder = await buildPackage(`${transport}-transport`);
    if (values['no-pack'] === true) continue;
    const destination = join(ROOT, 'dist', 'libs');
    await runStep('npm pack', 'npm', ['pack', folder, '--pack-destination', destination]);
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    console.log(join(destination, `${name}-${version}.tgz`));
  }
});
