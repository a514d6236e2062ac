// `npm run lab`, `chaos`, `handover`, `attack` and `fuzz`: builds the apps and the tools when they are stale, and runs the tool named
// first in this very process, so that signals reach it.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from '../scripts/lib/build.mjs';
import { ensureInstalled } from '../scripts/lib/install.mjs';
import { readOptions } from '../scripts/lib/options.mjs';
import { ROOT } from '../scripts/lib/project.mjs';
import { runScript, ScriptError } from '../scripts/lib/script-error.mjs';
import { runProgram } from '../scripts/lib/step.mjs';
import { endOnSignals } from '../scripts/lib/stop-signal.mjs';

const USAGES = {
  lab: `usage: npm run lab -- [options]
  --only NAME,…  these modes or disturbances; an unknown name lists all
  --rate N       events a second (1000)
  --seconds S    of load in each run (8)
  --json FILE    writes the figures for programs
  --write        writes bench/results/lab.md`,
  chaos: `usage: npm run chaos -- [options]
  --via LINK  zmq, or nats: three sidecars behind a nats-server (zmq)
  --rounds N  rounds, each with one kill (20)
  --events N  accepted events in all rounds together (100000)
  --seed N    repeats a run: the same victims, killed at the same points (random)
  --keep      keeps the oracle files, the spools and the state, as after a failure`,
  handover: `usage: npm run handover -- [options]
  --rate N  events a second (2000)
Stops, kills and replaces sidecars behind a nats-server under a steady load, four minutes long. Needs nats-server and prometheus.
Exit code: 0 when the recorded rate kept to the offered one and no kill cost more than 5 s, 1 otherwise, 64 for a wrong command
line, 69 without the programs.`,
  attack: `usage: npm run attack -- [options]
  --only NAME,…  these attacks
  --short        only the short list that npm test runs
  --list         names the attacks
Exit code: 0 when all attacks were held off, 1 when one was not, 64 for a wrong command line.`,
  fuzz: `usage: npm run fuzz -- [options]
  --frames N  mutated messages to send (1000000)
  --seed N    the same seed sends the same messages (1)
Exit code: 0 when every promise to honest peers was kept, 1 when one was not, 64 for a wrong command line.`,
};

/** @typedef {keyof typeof USAGES} Tool */

/** The fuzzer reaches into the transport, and runs its sources as its own specs do. @param {string[]} args */
async function fuzz(args) {
  const typescript = join(ROOT, 'libs', 'transport-core', 'test', 'harness', 'typescript.cjs');
  const main = join(ROOT, 'libs', 'zmq-transport', 'test', 'delivery', 'fuzz', 'main.ts');
  // Run directly, the file would be a module of the other kind, which does not load TypeScript.
  const program = `require(${JSON.stringify(main)})`;
  return runProgram(process.execPath, ['-r', typescript, '-e', program, '--', ...args]);
}

await runScript(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  if (!(name in USAGES)) throw new ScriptError('run: lab, chaos, handover, attack or fuzz', 64);
  const tool = /** @type {Tool} */ (name);
  const { values } = readOptions(tool, USAGES[tool], { args });
  process.chdir(ROOT);
  await ensureInstalled();
  if (tool === 'fuzz') return fuzz(args);
  await build(['sidecar', 'publisher', 'faults'], { onlyStale: true });
  const main = join(ROOT, 'dist', 'faults', 'faults', tool, `${tool}-main.js`);
  const { run } = await import(pathToFileURL(main).href);
  // Ctrl-C must run the exit handlers that end the apps and remove their folders.
  endOnSignals();
  process.exit(await run(values));
});
