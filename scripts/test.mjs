// `npm test`: everything that can be checked here, then one plain line with the counts.
// `npm test -- unit` runs one part; what follows the parts' names goes to Jest: `npm test -- e2e -t tape`.
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { checkJestOptions, runJest } from './lib/jest-run.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runProgram } from './lib/step.mjs';
import { CHECKS, SUITES, testPlan } from './lib/test-plan.mjs';
import { Tally } from './lib/tally.mjs';
import { readOptions } from './lib/options.mjs';

/** Exit codes from here on mean that a signal ended the program: the person wants to stop, not to see the rest. */
const SIGNALLED = 128;

/**
 * @param {string} name
 * @param {string[]} command
 * @param {Tally} tally
 */
async function runCheck(name, command, tally) {
  console.log(`\n== ${name}`);
  const code = await runProgram(process.execPath, command);
  if (code > SIGNALLED) throw new ScriptError(`stopped during ${name}`, code);
  tally.check(name, code === 0);
}

/**
 * @param {string[]} suites
 * @param {string[]} jestArgs
 * @param {Tally} tally
 */
async function runSuites(suites, jestArgs, tally) {
  if (suites.length === 0) return;
  const name = suites.join(' and ');
  console.log(`\n== ${name}`);
  const outcome = await runJest(suites, jestArgs);
  if (outcome.code > SIGNALLED) throw new ScriptError(`stopped during ${name}`, outcome.code);
  tally.suite(name, outcome);
}

/**
 * End-to-end tests run the built apps, and one at a time: they measure times on processes of their own.
 * @param {string[]} jestArgs
 * @param {Tally} tally
 */
async function runEndToEnd(jestArgs, tally) {
  try {
    await build(['sidecar', 'publisher', 'web', 'bench', 'faults'], { onlyStale: true });
  } catch (error) {
    if (!(error instanceof ScriptError) || error.exitCode > SIGNALLED) throw error;
    console.error(error.message);
    tally.check('build', false);
    return;
  }
  await runSuites(['e2e'], ['--runInBand', ...jestArgs], tally);
}

const USAGE = `usage: npm test -- [NAME …] [Jest's options]
  NAME  ${[...Object.keys(CHECKS), ...SUITES].join(', ')}; all unless some are named`;

await runScript(async () => {
  if (process.argv.includes('--help') || process.argv.includes('-h')) readOptions('test', USAGE);
  const { checks, suites, jestArgs } = testPlan(process.argv.slice(2));
  const tally = new Tally();
  await ensureInstalled();
  await checkJestOptions(jestArgs);
  for (const [name, command] of Object.entries(CHECKS)) {
    if (checks.includes(name)) await runCheck(name, command, tally);
  }
  await runSuites(
    suites.filter((suite) => suite !== 'e2e'),
    jestArgs,
    tally,
  );
  if (suites.includes('e2e')) await runEndToEnd(jestArgs, tally);
  tally.print();
  return tally.hasFailed ? 1 : 0;
});
