// Compiles the benchmark together with the transport's sources, so that what is measured is what is checked out.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile, ROOT } from '../../scripts/lib/project.mjs';
import { sourceHash } from '../../scripts/lib/source-hash.mjs';
import { runStep } from '../../scripts/lib/step.mjs';

const output = join(ROOT, 'dist', 'compare');
const sources = ['bench/compare', 'libs/zmq-transport/src', 'tsconfig.json', 'package-lock.json'];

/** Lets `@app/zmq-transport` mean the compiled sources: tsc leaves the name as it is written. */
function linkTransport() {
  const folder = join(output, 'node_modules', '@app', 'zmq-transport');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "@app/zmq-transport", "type": "module", "exports": "./index.js" }\n',
  );
  writeFileSync(join(folder, 'index.js'), "export * from '../../../libs/zmq-transport/src/index.js';\n");
}

/**
 * Builds what is missing or older than its sources.
 * @returns {Promise<string>} the folder of the compiled benchmark
 * @throws {import('../../scripts/lib/script-error.mjs').ScriptError} when the compiler finds a fault
 */
export async function buildComparison() {
  const stampFile = join(output, '.source-hash');
  const hash = sourceHash(sources);
  if (!existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== hash) {
    console.error('building the benchmark');
    await runStep('the build of the benchmark', process.execPath, [
      packageFile('typescript', 'bin', 'tsc'),
      '-p',
      'bench/compare/tsconfig.json',
    ]);
    linkTransport();
    writeFileSync(stampFile, hash);
  }
  return join(output, 'bench', 'compare');
}
