// `npm run example -- NAME`: builds a transport's package and the examples of it, and runs one of them.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile, ROOT } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runProgram, runStep } from './lib/step.mjs';
import { readOptions } from './lib/options.mjs';

const USAGE = `usage: npm run example -- NAME
  NAME  quick-start, two-services, tracing, custom-codec, curve; or jetstream, for which \`nats-server -js\` runs`;

const EXAMPLES = ['quick-start', 'two-services', 'tracing', 'custom-codec', 'curve', 'jetstream'];

/**
 * Lets the built examples find the package as an installed one.
 * @param {'zmq' | 'jetstream'} transport
 */
function linkPackage(transport) {
  const modules = join(ROOT, 'dist', 'examples', 'node_modules');
  const link = join(modules, `nestjs-${transport}-transport`);
  mkdirSync(modules, { recursive: true });
  rmSync(link, { recursive: true, force: true });
  symlinkSync(join(ROOT, 'dist', 'libs', `${transport}-transport`), link, 'dir');
}

await runScript(async () => {
  const { words } = readOptions('example', USAGE, { takesWords: true });
  const [name = ''] = words;
  if (words.length > 1 || !EXAMPLES.includes(name))
    throw new ScriptError(`example: the examples are ${EXAMPLES.join(', ')}`, 64);
  const transport = name === 'jetstream' ? 'jetstream' : 'zmq';
  const project = join(ROOT, 'examples', ...(transport === 'jetstream' ? ['jetstream'] : []));
  const pack = join(ROOT, 'scripts', 'pack-transport.mjs');
  await runStep('the package', process.execPath, [pack, '--no-pack', transport]);
  linkPackage(transport);
  const tsc = packageFile('typescript', 'bin', 'tsc');
  await runStep('the build of the examples', process.execPath, [tsc, '-p', project]);
  return runProgram(process.execPath, [join(ROOT, 'dist', 'examples', name, 'main.js')]);
});
