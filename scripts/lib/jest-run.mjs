import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile, ROOT } from './project.mjs';
import { ScriptError } from './script-error.mjs';
import { runProgram } from './step.mjs';

/** @typedef {{ passed: number, failed: number, skipped: string[] }} Outcome `skipped` holds the tests' full names */

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites: number,
 *   testResults: { assertionResults: { status: string, fullName: string }[] }[] }} report Jest's --json output
 * @returns {Outcome} a file that could not even be loaded counts as one failure
 */
function outcomeOf(report) {
  const skipped = report.testResults
    .flatMap((file) => file.assertionResults)
    .filter(({ status }) => status === 'pending' || status === 'todo')
    .map(({ fullName }) => fullName);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped,
  };
}

/**
 * Lets Jest look at its options before anything runs.
 * @param {string[]} args
 * @throws {ScriptError} when it knows one of them not; it has said so itself
 */
export async function checkJestOptions(args) {
  if (args.length === 0) return;
  const jest = packageFile('jest', 'bin', 'jest.js');
  const { status, stderr } = spawnSync(process.execPath, [jest, '--showConfig', ...args], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new ScriptError(`test: Jest does not take ${args.join(' ')}\n${stderr.trimEnd()}`, 64);
}

/**
 * Runs Jest projects and reads the counts from its own report.
 * @param {string[]} suites project names
 * @param {string[]} args further Jest options
 * @param {{ node?: string, env?: NodeJS.ProcessEnv }} [on] another Node, and its environment
 * @returns {Promise<Outcome & { code: number }>} a Jest that ends badly without a report is one failure
 */
export async function runJest(suites, args, { node = process.execPath, env = process.env } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'trading-telemetry-test-'));
  const reportFile = join(folder, 'report.json');
  const jest = packageFile('jest', 'bin', 'jest.js');
  const options = [
    '--selectProjects',
    ...suites,
    '--json',
    `--outputFile=${reportFile}`,
    '--passWithNoTests',
    // Whoever asks for something of Jest gets Jest's own lines, one a file.
    ...(args.length > 0 ? [] : [`--reporters=${join(ROOT, 'scripts', 'lib', 'jest-reporter.cjs')}`]),
  ];
  try {
    const code = await runProgram(node, [jest, ...options, ...args], env);
    if (!existsSync(reportFile)) return { code, passed: 0, failed: 1, skipped: [] };
    const outcome = outcomeOf(JSON.parse(readFileSync(reportFile, 'utf8')));
    // Jest can fail without a failed test, for one by an obsolete option: never report that as success.
    return { code, ...outcome, failed: code !== 0 && outcome.failed === 0 ? 1 : outcome.failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
