import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleApp } from './bundle.mjs';
import { withFileLock } from './file-lock.mjs';
import { timed } from './progress.mjs';
import { entryOf, packageFile, ROOT } from './project.mjs';
import { sourceHash } from './source-hash.mjs';
import { runStep } from './step.mjs';

const nest = packageFile('@nestjs', 'cli', 'bin', 'nest.js');
const tsc = packageFile('typescript', 'bin', 'tsc');
const vite = packageFile('vite', 'bin', 'vite.js');
/** Beside the outputs, which every build replaces. */
const LOCK = join(ROOT, 'dist', '.building');
const settings = [
  'nest-cli.json',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
  'scripts/lib/bundle.mjs',
];

/** @typedef {'sidecar' | 'publisher' | 'web' | 'bench' | 'faults' | 'compare' | 'testing' | 'deploy'} BuildTarget */
/** @typedef {{ sources: string[], command: string[], output: string, linksLibraries?: boolean, isApp?: boolean }} Target */

/** The libraries that tools compile with themselves, so that what they run is what is checked out. */
const LIBRARIES = ['zmq-transport', 'jetstream-transport', 'transport-core', 'contracts', 'trade-model'];
const LIBRARY_SOURCES = LIBRARIES.map((library) => `libs/${library}/src`);

/**
 * The command that compiles a tool. It does not check types, which takes more than half of the time and which
 * `npm run typecheck` does for all.
 * @param {string} project
 */
const compile = (project) => [tsc, '-p', project, '--noCheck'];

/**
 * What can be built: from which sources, by which command, and where the output stands.
 * @type {Record<BuildTarget, Target>}
 */
const targets = {
  sidecar: {
    sources: ['apps/sidecar', 'libs'],
    command: [nest, 'build', 'sidecar'],
    output: 'dist/apps/sidecar',
    isApp: true,
  },
  publisher: {
    sources: ['apps/publisher', 'libs'],
    command: [nest, 'build', 'publisher'],
    output: 'dist/apps/publisher',
    isApp: true,
  },
  web: {
    sources: ['apps/web'],
    command: [vite, 'build', 'apps/web', '--config', 'apps/web/vite.config.ts', '--logLevel', 'warn'],
    output: 'dist/apps/web',
  },
  bench: {
    sources: ['bench', 'libs/contracts/src', 'libs/trade-model/src'],
    command: compile('bench/tsconfig.json'),
    output: 'dist/bench',
    linksLibraries: true,
  },
  // Attacks, chaos and the lab, with the kit and what they share with the benchmark.
  faults: {
    sources: ['faults', 'testing', 'bench/load', 'bench/compare/report', ...LIBRARY_SOURCES],
    command: compile('faults/tsconfig.json'),
    output: 'dist/faults',
    linksLibraries: true,
  },
  compare: {
    sources: ['bench/compare', 'testing', ...LIBRARY_SOURCES],
    command: compile('bench/compare/tsconfig.json'),
    output: 'dist/compare',
    linksLibraries: true,
  },
  testing: { sources: ['testing'], command: compile('testing/tsconfig.json'), output: 'dist/testing' },
  // What makes and proves dashboards, images and manifests; not these themselves.
  deploy: {
    sources: [
      'deploy/grafana/src',
      'deploy/docker/src',
      'deploy/kubernetes/src',
      'deploy/tsconfig.json',
      'libs/contracts',
      'libs/event-metrics',
      'testing',
    ],
    command: compile('deploy/tsconfig.json'),
    output: 'dist/deploy',
  },
};

/** @type {BuildTarget[]} */
export const ALL_TARGETS = ['sidecar', 'publisher', 'web', 'bench', 'faults', 'compare', 'testing', 'deploy'];

/**
 * Lets `@app/…` mean the compiled sources: tsc leaves the name as it is written.
 * @param {string} output
 */
function linkLibraries(output) {
  for (const library of LIBRARIES) {
    const folder = join(ROOT, output, 'node_modules', '@app', library);
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'package.json'),
      `{ "name": "@app/${library}", "type": "module", "exports": "./index.js" }\n`,
    );
    writeFileSync(join(folder, 'index.js'), `export * from '../../../libs/${library}/src/index.js';\n`);
  }
}

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

function sayItWaits() {
  console.log('another build runs here: waiting for its end');
}

/**
 * Builds the targets side by side, and stamps each with the hash of what it was built from. The stamp is written
 * only after success, and deleted before a build begins, so a stale output is never taken as built. Two builds of one checkout
 * take turns: each replaces the output.
 * @param {BuildTarget[]} names
 * @param {{ onlyStale: boolean }} options
 * @throws {import('./script-error.mjs').ScriptError} when a build fails
 */
export async function build(names, { onlyStale }) {
  const find = () =>
    names.map((name) => ({ name, ...inspect(name) })).filter((it) => !(onlyStale && it.isFresh));
  if (find().length === 0) return;
  await withFileLock(LOCK, () => buildWanted(find()), { onWait: sayItWaits });
}

/** @param {{ name: BuildTarget, stampFile: string, hash: string }[]} wanted */
async function buildWanted(wanted) {
  if (wanted.length === 0) return;
  await timed(`building ${wanted.map(({ name }) => name).join(', ')}`, () => buildAll(wanted));
}

/** @param {{ name: BuildTarget, stampFile: string, hash: string }[]} wanted */
async function buildAll(wanted) {
  const builds = wanted.map(async ({ name, stampFile, hash }) => {
    const { command, output, linksLibraries, isApp } = targets[name];
    rmSync(stampFile, { force: true });
    await runStep(`the build of ${name}`, process.execPath, command);
    if (linksLibraries === true) linkLibraries(output);
    if (isApp === true) await bundleApp(entryOf(name));
    writeFileSync(stampFile, hash);
  });
  const failures = (await Promise.allSettled(builds)).filter((result) => result.status === 'rejected');
  if (failures[0] !== undefined) throw failures[0].reason;
}
