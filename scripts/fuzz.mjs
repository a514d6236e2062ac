// `npm run fuzz -- --frames 1000000 --seed 1`: mutated messages against the transport's server and client.
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript } from './lib/script-error.mjs';
import { runProgram } from './lib/step.mjs';
import { readOptions } from './lib/options.mjs';

const libraries = join(ROOT, 'libs');

const USAGE = `usage: npm run fuzz -- [--frames N] [--seed N]
  --frames N  mutated messages to send (1000000)
  --seed N    the same seed sends the same messages (1)`;

await runScript(async () => {
  readOptions('fuzz', USAGE);
  await ensureInstalled();
  const typescript = join(libraries, 'transport-core', 'test', 'harness', 'typescript.cjs');
  const main = join(libraries, 'zmq-transport', 'test', 'delivery', 'fuzz', 'main.ts');
  // As a program's own file it would be a module of the other kind, which takes no TypeScript.
  const program = `require(${JSON.stringify(main)})`;
  return runProgram(process.execPath, ['-r', typescript, '-e', program, '--', ...process.argv.slice(2)]);
});
