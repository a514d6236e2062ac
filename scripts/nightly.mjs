// `npm run nightly`: the proofs that take minutes, one after the other, and a line on each.
import { readOptions } from './lib/options.mjs';
import { timeSince } from './lib/progress.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runProgram } from './lib/step.mjs';

const USAGE = `usage: npm run nightly
Takes about an hour. Runs all faults in full: chaos over ZeroMQ and NATS, hand-overs, fuzz with a million messages, every attack, the lab; tests the packages on Node 20, 22 and 24, and on Nest 11; then builds the images and proves them. Writes no file.`;

const FAULTS = ['chaos', 'chaos --via nats --events 1000000', 'handover', 'fuzz', 'attack', 'lab'];
/** Each as a command line of Node. */
const PROOFS = [
  ...FAULTS.map((name) => `faults/run.mjs ${name}`),
  'scripts/matrix.mjs',
  'scripts/matrix-nest.mjs',
  'scripts/images-verify.mjs',
];
/** Exit codes from here on mean that a signal ended the program. */
const SIGNALLED = 128;

await runScript(async () => {
  readOptions('nightly', USAGE);
  const lines = [];
  let failed = 0;
  for (const name of PROOFS) {
    const sinceMs = performance.now();
    console.log(`\n== ${name}`);
    const code = await runProgram(process.execPath, name.split(' '));
    if (code > SIGNALLED) throw new ScriptError(`stopped during ${name}`, code);
    if (code !== 0) failed += 1;
    lines.push(
      `${name}: ${code === 0 ? 'passed in' : `FAILED (exit code ${code}) after`} ${timeSince(sinceMs)}`,
    );
  }
  console.log(`\n${lines.join('\n')}\n${PROOFS.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
});
