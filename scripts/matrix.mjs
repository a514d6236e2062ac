// `npm run matrix -- [VERSION …]`: the packages' suites and one end-to-end run on several versions of Node, and a line on each.
import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { build } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runJest } from './lib/jest-run.mjs';
import { readOptions } from './lib/options.mjs';
import { timed, timeSince } from './lib/progress.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runQuietly } from './lib/step.mjs';

const USAGE = `usage: npm run matrix -- [VERSION …]
Tests the packages of the transports, and one way from a post to a metric, on versions of Node, whose binaries npm brings.
  VERSION  such as 22 or 22.23.3; 20, 22 and 24 unless some are named`;

const VERSIONS = ['20', '22', '24'];
/** A file for each of the suites: what the packages promise, and a post that is counted. */
const SPECS = ['libs/(transport-core|zmq-transport|jetstream-transport)/', 'e2e/counts'];
/** Exit codes from here on mean that a signal ended the program. */
const SIGNALLED = 128;

/**
 * The Node of a version: this one, or the one of npm's package, which is fetched.
 * @param {string} version
 * @returns {Promise<string>} its path
 */
async function nodeOf(version) {
  if (`${process.versions.node}.`.startsWith(`${version}.`)) return process.execPath;
  // As the package `node` chooses: the first maker's packages end before Apple's own processors.
  const maker = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const name = `${maker}-${process.platform}-${process.arch}`;
  const folder = join(ROOT, 'dist', 'node', version);
  mkdirSync(folder, { recursive: true });
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error'];
  await timed(`fetching Node ${version}`, async () => {
    const args = ['install', '--prefix', folder, ...options, `${name}@${version}`];
    const { code, output } = await runQuietly('npm', args);
    if (code !== 0) throw new ScriptError(`${output}matrix: npm has no ${name}@${version}`, code);
  });
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/**
 * @param {string} version
 * @returns {Promise<{ line: string, isGood: boolean }>}
 */
async function testOn(version) {
  const node = await nodeOf(version);
  const { output } = await runQuietly(node, ['--version']);
  console.log(`\n== Node ${output.trim()}`);
  const sinceMs = performance.now();
  // What a spec starts as `node` is the same one.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env['PATH'] ?? ''}` };
  const suites = ['unit', 'integration', 'e2e'];
  const { code, passed, failed, skipped } = await runJest(suites, ['--testPathPatterns', ...SPECS], {
    node,
    env,
  });
  if (code > SIGNALLED) throw new ScriptError(`stopped during Node ${version}`, code);
  const counts = `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
  return {
    line: `Node ${output.trim()}: ${counts} in ${timeSince(sinceMs)}`,
    isGood: failed === 0 && passed > 0,
  };
}

await runScript(async () => {
  const { words } = readOptions('matrix', USAGE, { takesWords: true });
  const wrong = words.find((word) => !/^\d+(\.\d+){0,2}$/.test(word));
  if (wrong !== undefined) throw new ScriptError(`matrix: ${wrong} is no version of Node\n${USAGE}`, 64);
  await ensureInstalled();
  await build(['sidecar', 'publisher', 'web'], { onlyStale: true });
  const results = [];
  for (const version of words.length === 0 ? VERSIONS : words) results.push(await testOn(version));
  console.log(`\n${results.map(({ line }) => line).join('\n')}`);
  return results.every(({ isGood }) => isGood) ? 0 : 1;
});
