// `npm run example -- <name>`: builds the package nestjs-zmq-transport and the examples, and runs one of them.
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile, ROOT } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runProgram, runStep } from './lib/step.mjs';
import { readOptions } from './lib/options.mjs';

/** Lets the built examples find the package as an installed one. */
function linkPackage() {
  const modules = join(ROOT, 'dist', 'examples', 'node_modules');
  mkdirSync(modules, { recursive: true });
  rmSync(join(modules, 'nestjs-zmq-transport'), { recursive: true, force: true });
  symlinkSync(join(ROOT, 'dist', 'libs', 'zmq-transport'), join(modules, 'nestjs-zmq-transport'), 'dir');
}

const USAGE = `usage: npm run example -- NAME
  NAME  quick-start, tracing or custom-codec`;

await runScript(async () => {
  const { words } = readOptions('example', USAGE, { takesWords: true });
  const [name = ''] = words;
  if (words.length > 1 || !/^[a-z-]+$/.test(name) || !existsSync(join(ROOT, 'examples', name, 'main.ts')))
    throw new ScriptError('example: the examples are quick-start, tracing and custom-codec', 64);
  await runStep('the package', process.execPath, [
    join(ROOT, 'scripts', 'pack-transport.mjs'),
    '--no-pack',
    'zmq',
  ]);
  linkPackage();
  const tsc = packageFile('typescript', 'bin', 'tsc');
  await runStep('the build of the examples', process.execPath, [tsc, '-p', join(ROOT, 'examples')]);
  return runProgram(process.execPath, [join(ROOT, 'dist', 'examples', name, 'main.js')]);
});
