// `npm test`: everything that can be checked here, then one plain line with the counts.
// `npm test -- unit` runs one part; what follows the parts' names goes to Jest: `npm test -- e2e -t tape`.
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { checkJestOptions, runJest } from './lib/jest-run.mjs';
import { timeSince } from './lib/progress.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runQuietly } from './lib/step.mjs';
import { CHECKS, SUITES, testPlan } from './lib/test-plan.mjs';
import { Tally } from './lib/tally.mjs';
import { readOptions } from './lib/options.mjs';

/** Exit codes from here on mean that a signal ended the program: the person wants to stop, not to see the rest. */
const SIGNALLED = 128;

/** Each check keeps one processor busy. */
const CHECKS_ALONE = 2;
/** Tests mostly wait, and leave a processor free. */
const CHECKS_BESIDE_TESTS = 1;

/**
 * Runs the checks side by side, and shows the output of those that fail.
 * @param {(keyof typeof CHECKS)[]} names
 * @param {number} atOnce
 * @param {Tally} tally
 */
async function runChecks(names, atOnce, tally) {
  const waiting = names.values();
  const work = async () => {
    for (const name of waiting) {
      const sinceMs = performance.now();
      const { code, output } = await runQuietly(process.execPath, CHECKS[name]);
      if (code > SIGNALLED) throw new ScriptError(`stopped during ${name}`, code);
      if (code !== 0) console.log(output.trimEnd());
      console.log(`${name}: ${code === 0 ? 'done in' : 'FAILED after'} ${timeSince(sinceMs)}`);
      tally.check(name, code === 0);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

/**
 * @param {string[]} suites
 * @param {string[]} jestArgs
 * @param {Tally} tally
 */
async function runSuites(suites, jestArgs, tally) {
  if (suites.length === 0) return;
  const name = suites.join(' and ');
  const sinceMs = performance.now();
  console.log(`${name} tests`);
  const outcome = await runJest(suites, jestArgs);
  if (outcome.code > SIGNALLED) throw new ScriptError(`stopped during ${name}`, outcome.code);
  const { passed, failed } = outcome;
  console.log(`  ${passed} passed, ${failed} failed in ${timeSince(sinceMs)}`);
  tally.suite(name, outcome);
}

/**
 * End-to-end tests run the built apps.
 * @param {string[]} jestArgs
 * @param {Tally} tally
 */
async function runEndToEnd(jestArgs, tally) {
  try {
    await build(['sidecar', 'publisher', 'web', 'bench', 'faults', 'deploy'], { onlyStale: true });
  } catch (error) {
    if (!(error instanceof ScriptError) || error.exitCode > SIGNALLED) throw error;
    console.error(error.message);
    tally.check('build', false);
    return;
  }
  await runSuites(['e2e'], jestArgs, tally);
}

const USAGE = `usage: npm test -- [NAME …] [Jest's options]
  NAME  ${[...Object.keys(CHECKS), ...SUITES].join(', ')}; all unless some are named`;

await runScript(async () => {
  if (process.argv.includes('--help') || process.argv.includes('-h')) readOptions('test', USAGE);
  const { checks, suites, jestArgs } = testPlan(process.argv.slice(2));
  const tally = new Tally();
  const sinceMs = performance.now();
  await ensureInstalled();
  await checkJestOptions(jestArgs);
  const early = suites.filter((suite) => suite !== 'e2e');
  await Promise.all([
    runChecks(checks, early.length > 0 ? CHECKS_BESIDE_TESTS : CHECKS_ALONE, tally),
    runSuites(early, jestArgs, tally),
  ]);
  if (suites.includes('e2e')) await runEndToEnd(jestArgs, tally);
  console.log(`\nall of it took ${timeSince(sinceMs)}`);
  tally.print();
  return tally.hasFailed ? 1 : 0;
});
