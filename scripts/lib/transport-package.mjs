import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { packageFile, ROOT } from './project.mjs';
import { ScriptError } from './script-error.mjs';
import { runQuietly, runStep } from './step.mjs';

/** @typedef {{ name: string, version: string, folder: string }} BuiltPackage */

/** The transports that are packages; each is libs/NAME-transport. */
export const TRANSPORTS = ['zmq', 'jetstream'];
/** Where packages are built and packed. */
const OUTPUT = join(ROOT, 'dist', 'libs');

/**
 * The transports that a command's words name; all when there are none.
 * @param {string} command
 * @param {string[]} words
 * @returns {string[]}
 * @throws {ScriptError} 64 for a transport that there is not
 */
export function chosenTransports(command, words) {
  const unknown = words.find((word) => !TRANSPORTS.includes(word));
  if (unknown !== undefined)
    throw new ScriptError(
      `${command}: there is no transport ${unknown} (there are ${TRANSPORTS.join(', ')})`,
      64,
    );
  return TRANSPORTS.filter((it) => words.length === 0 || words.includes(it));
}

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
 * Builds a transport's package as a folder.
 * @param {string} transport
 * @returns {Promise<BuiltPackage>}
 */
export async function buildTransport(transport) {
  const library = `${transport}-transport`;
  const source = join(ROOT, 'libs', library);
  const folder = join(OUTPUT, library);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tsc = packageFile('typescript', 'bin', 'tsc');
  const project = join(source, 'tsconfig.build.json');
  await runStep(`the build of ${library}`, process.execPath, [tsc, '-p', project]);
  linkCore(join(folder, 'dist'));
  // What `npx <package> init` writes.
  cpSync(join(source, 'template'), join(folder, 'template'), { recursive: true });
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  for (const file of ['package.json', 'README.md', 'PROTOCOL.md', 'CHANGELOG.md'])
    if (existsSync(join(source, file))) copyFileSync(join(source, file), join(folder, file));
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, version, folder };
}

/**
 * Packs a built package.
 * @param {BuiltPackage} built
 * @returns {Promise<string>} the tarball's path
 */
export async function packBuilt({ name, version, folder }) {
  const { code, output } = await runQuietly('npm', ['pack', folder, '--pack-destination', OUTPUT]);
  if (code !== 0) throw new ScriptError(`npm pack failed (exit code ${code})\n${output}`, code);
  return join(OUTPUT, `${name}-${version}.tgz`);
}
