// `npm run matrix:nest`: the suites of the packages on another major version of Nest than the repository's own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { timed } from './lib/progress.mjs';
import { packageFile, ROOT } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runProgram, runQuietly } from './lib/step.mjs';

const USAGE = `usage: npm run matrix:nest -- [VERSION]
Tests the packages of the transports on a version of Nest, which npm brings. What that version lacks is skipped by name.
  VERSION  such as 11 or 11.2.6; 11 unless one is named`;

const PARTS = ['common', 'core', 'microservices', 'platform-fastify', 'terminus', 'testing'];
const SPECS = 'libs/(transport-core|zmq-transport|jetstream-transport)/';

/**
 * Jest's configuration, with everything of Nest, and the rxjs that it shares with its users, from a folder.
 * @param {string} modules
 * @returns {string}
 */
function configOn(modules) {
  const names = {
    '^@nestjs/(.+)$': join(modules, '@nestjs', '$1'),
    '^rxjs$': join(modules, 'rxjs'),
    '^rxjs/(.+)$': join(modules, 'rxjs', '$1'),
  };
  return `const configure = require(${JSON.stringify(join(ROOT, 'jest.config.cjs'))});
const nest = ${JSON.stringify(names)};
const on = (project) => ({ ...project, moduleNameMapper: { ...nest, ...project.moduleNameMapper } });
module.exports = async () => {
  const { projects, ...base } = await configure();
  return { ...base, rootDir: ${JSON.stringify(ROOT)}, projects: projects.map(on) };
};
`;
}

/**
 * @param {string} folder
 * @param {string} version
 */
async function install(folder, version) {
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const wanted = PARTS.map(
    (part) => `@nestjs/${part}@${part === 'terminus' ? version.split('.', 1)[0] : version}`,
  );
  const { code, output } = await runQuietly('npm', [
    'install',
    '--prefix',
    folder,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...wanted,
    'rxjs@7',
    'reflect-metadata@0.2',
  ]);
  if (code !== 0) throw new ScriptError(`${output}matrix:nest: npm cannot install Nest ${version}`, code);
}

await runScript(async () => {
  const { words } = readOptions('matrix:nest', USAGE, { takesWords: true });
  const [version = '11'] = words;
  if (words.length > 1 || !/^\d+(?:\.\d+){0,2}$/.test(version))
    throw new ScriptError('matrix:nest: give one version, such as 11 or 11.2.6', 64);
  await ensureInstalled();
  const folder = mkdtempSync(join(tmpdir(), 'nest-'));
  try {
    await timed(`fetching Nest ${version}`, () => install(folder, version));
    const config = join(folder, 'jest.config.cjs');
    writeFileSync(config, configOn(join(folder, 'node_modules')));
    const suites = ['--selectProjects', 'unit', 'integration', '--testPathPatterns', SPECS];
    return await runProgram(process.execPath, [
      packageFile('jest', 'bin', 'jest.js'),
      '-c',
      config,
      ...suites,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
