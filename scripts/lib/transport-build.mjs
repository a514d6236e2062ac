import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile, ROOT } from './project.mjs';
import { sourceHash } from './source-hash.mjs';
import { runStep } from './step.mjs';

/** The libraries that tools import, by their folders in `libs`. */
const LIBRARIES = ['zmq-transport', 'transport-core', 'contracts'];

/**
 * Lets `@app/…` mean the compiled sources: tsc leaves the name as it is written.
 * @param {string} output
 */
function linkLibraries(output) {
  for (const library of LIBRARIES) {
    const folder = join(output, 'node_modules', '@app', library);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'package.json'),
      `{ "name": "@app/${library}", "type": "module", "exports": "./index.js" }\n`,
    );
    writeFileSync(join(folder, 'index.js'), `export * from '../../../libs/${library}/src/index.js';\n`);
  }
}

/**
 * Compiles a tool together with the transport's sources, so that what it runs is what is checked out. Builds only what
 * is missing or older than its sources.
 * @param {string} title for people: "the benchmark"
 * @param {string} folder of its sources and its tsconfig.json, such as `bench/compare`
 * @param {string} outputName its folder in `dist`
 * @param {string[]} [more] folders of further sources it imports
 * @returns {Promise<string>} the folder of the compiled tool
 * @throws {import('./script-error.mjs').ScriptError} when the compiler finds a fault
 */
export async function buildWithTransport(title, folder, outputName, more = []) {
  const output = join(ROOT, 'dist', outputName);
  const stampFile = join(output, '.source-hash');
  const hash = sourceHash([
    folder,
    ...more,
    ...LIBRARIES.map((library) => `libs/${library}/src`),
    'tsconfig.json',
    'package-lock.json',
  ]);
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== hash) {
    console.error(`building ${title}`);
    await runStep(`the build of ${title}`, process.execPath, [
      packageFile('typescript', 'bin', 'tsc'),
      '-p',
      `${folder}/tsconfig.json`,
    ]);
    linkLibraries(output);
    writeFileSync(stampFile, hash);
  }
  return join(output, ...folder.split('/'));
}
