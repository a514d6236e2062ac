// Jest reads every module of a package anew for every spec, and of Nest with all it needs there are two thousand. So each package
// is bundled once, into one file and some that it shares with others. Nest ships ES modules only, and they become CommonJS here too.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './project.mjs';

/** Those with many modules, and those that are ES modules only. */
const PACKAGES = [
  '@fastify/busboy',
  '@fastify/static',
  '@nats-io/jetstream',
  '@nats-io/kv',
  '@nats-io/transport-node',
  '@nestjs/common',
  '@nestjs/config',
  '@nestjs/core',
  '@nestjs/microservices',
  '@nestjs/platform-fastify',
  '@nestjs/swagger',
  '@nestjs/terminus',
  '@nestjs/testing',
  '@opentelemetry/api',
  '@opentelemetry/core',
  '@opentelemetry/exporter-metrics-otlp-proto',
  '@opentelemetry/exporter-trace-otlp-proto',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-metrics',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/semantic-conventions',
  '@willsoto/nestjs-prometheus',
  'apache-arrow',
  'class-transformer',
  'class-validator',
  'class-validator-jsonschema',
  'execa',
  'fast-check',
  'fastify',
  'get-port',
  'prom-client',
  're2js',
  'rxjs',
  'yaml',
];

/** What stays one for a worker: addons, and what marks classes of the spec itself. */
const EXTERNAL = ['lmdb', 'reflect-metadata', 'zeromq'];
const ENTRY = 'package:';
const CACHE = join(ROOT, 'node_modules', '.cache');

/**
 * What a package's own file holds: nothing but the package, which others of the bundle may share.
 * @type {import('rolldown').Plugin}
 */
const entries = {
  name: 'entries',
  resolveId(id, importer) {
    if (id.startsWith(ENTRY)) return id;
    // What an entry asks for is looked for from here.
    return importer?.startsWith(ENTRY) === true
      ? this.resolve(id, import.meta.filename, { kind: 'require-call' })
      : null;
  },
  load: (id) => (id.startsWith(ENTRY) ? `module.exports = require('${id.slice(ENTRY.length)}')` : null),
};

/**
 * Bundles the packages unless that is done already.
 * @returns {Promise<Record<string, string>>} what Jest's `moduleNameMapper` needs to find them
 */
export async function bundlePackages() {
  // npm's own list of what is installed: it may be other versions than package-lock.json names.
  const installed = join(ROOT, 'node_modules', '.package-lock.json');
  const inputs = [import.meta.filename, installed].map((file) => readFileSync(file));
  const hash = createHash('sha256').update(Buffer.concat(inputs)).digest('hex').slice(0, 16);
  const folder = join(CACHE, `test-packages-${hash}`);
  if (!existsSync(folder)) await bundleTo(folder);
  // One pattern a scope, not one a package: Jest tries them all for every import.
  const names = new Map();
  for (const name of PACKAGES) {
    const [scope, base = ''] = name.includes('/') ? name.split('/') : ['', name];
    names.set(scope, [...(names.get(scope) ?? []), base]);
  }
  return Object.fromEntries(
    [...names].map(([scope, bases]) => {
      const [prefix, file] = scope === '' ? ['', ''] : [`${scope}/`, `${scope}_`];
      return [`^${prefix}(${bases.join('|')})$`, join(folder, `${file}$1.js`)];
    }),
  );
}

/** @param {string} folder appears whole, or not at all: another Jest may look for it now */
async function bundleTo(folder) {
  mkdirSync(CACHE, { recursive: true });
  const staging = mkdtempSync(`${folder}-`);
  const bundle = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(PACKAGES.map((name) => [name.replace('/', '_'), ENTRY + name])),
    platform: 'node',
    external: EXTERNAL,
    resolve: { conditionNames: ['node', 'require', 'default'] },
    plugins: [entries],
    // Packages warn of what is theirs: optional ones that are not installed, circles, eval.
    logLevel: 'silent',
  });
  await bundle.write({ dir: staging, format: 'cjs', keepNames: true, dynamicImportInCjs: false });
  await bundle.close();
  try {
    renameSync(staging, folder);
  } catch (error) {
    // Another Jest was first.
    if (!existsSync(folder)) throw error;
    rmSync(staging, { recursive: true });
  }
}
