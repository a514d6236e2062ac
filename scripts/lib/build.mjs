import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageFile, ROOT } from './project.mjs';
import { sourceHash } from './source-hash.mjs';
import { runStep } from './step.mjs';

const nest = packageFile('@nestjs', 'cli', 'bin', 'nest.js');
const tsc = packageFile('typescript', 'bin', 'tsc');
const vite = packageFile('vite', 'bin', 'vite.js');
const settings = ['nest-cli.json', 'tsconfig.json', 'package.json', 'package-lock.json'];

/** What can be built: from which sources, by which command, and where the output stands. */
const targets = {
  sidecar: {
    sources: ['apps/sidecar', 'libs'],
    command: [nest, 'build', 'sidecar'],
    output: 'dist/apps/sidecar',
  },
  publisher: {
    sources: ['apps/publisher', 'libs'],
    command: [nest, 'build', 'publisher'],
    output: 'dist/apps/publisher',
  },
  web: {
    sources: ['apps/web'],
    command: [vite, 'build', 'apps/web', '--config', 'apps/web/vite.config.ts', '--logLevel', 'warn'],
    output: 'dist/apps/web',
  },
  bench: { sources: ['bench'], command: [tsc, '-p', 'bench/tsconfig.json'], output: 'dist/bench' },
  // The attacks, with what they take of the delivery lab.
  faults: {
    sources: ['faults', 'bench/delivery', 'bench/load/options'],
    command: [tsc, '-p', 'faults/attack/tsconfig.json'],
    output: 'dist/faults',
  },
  // The generator of the dashboards, not the dashboards.
  deploy: {
    sources: ['deploy/grafana/src', 'deploy/grafana/tsconfig.json', 'libs/contracts'],
    command: [tsc, '-p', 'deploy/grafana/tsconfig.json'],
    output: 'dist/deploy',
  },
};

/** @typedef {keyof typeof targets} BuildTarget */

/** @type {BuildTarget[]} */
export const ALL_TARGETS = ['sidecar', 'publisher', 'web', 'bench', 'faults', 'deploy'];

/**
 * @param {BuildTarget} name
 * @returns {{ stampFile: string, hash: string, isFresh: boolean }}
 */
function inspect(name) {
  const { sources, output } = targets[name];
  const stampFile = join(ROOT, output, '.source-hash');
  const hash = sourceHash([...sources, ...settings]);
  return { stampFile, hash, isFresh: existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash };
}

/**
 * Builds the targets side by side, and stamps each with the hash of what it was built from. The stamp is written
 * only after success, and a watcher that replaces the output deletes it, so a stale output is never taken as built.
 * @param {BuildTarget[]} names
 * @param {{ onlyStale: boolean }} options
 * @throws {import('./script-error.mjs').ScriptError} when a build fails
 */
export async function build(names, { onlyStale }) {
  const wanted = names.map((name) => ({ name, ...inspect(name) })).filter((it) => !(onlyStale && it.isFresh));
  if (wanted.length === 0) return;
  console.log(`building ${wanted.map(({ name }) => name).join(', ')}`);
  const builds = wanted.map(async ({ name, stampFile, hash }) => {
    await runStep(`the build of ${name}`, process.execPath, targets[name].command);
    writeFileSync(stampFile, hash);
  });
  const failures = (await Promise.allSettled(builds)).filter((result) => result.status === 'rejected');
  if (failures[0] !== undefined) throw failures[0].reason;
}
