// `npm run release`: builds, packs and checks the transports, and publishes the very tarballs that were checked.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ensureInstalled } from './lib/install.mjs';
import { readOptions } from './lib/options.mjs';
import { ROOT } from './lib/project.mjs';
import { runScript, ScriptError } from './lib/script-error.mjs';
import { runQuietly, runStep } from './lib/step.mjs';
import { buildTransport, chosenTransports, packBuilt, TRANSPORTS } from './lib/transport-package.mjs';

const USAGE = `usage: npm run release -- [--dry-run] [TRANSPORT …]
Builds and packs the packages, checks the tarballs (publint, attw, what is in them), and publishes those whose version is new.
  --dry-run  says what it would publish, and publishes nothing
  TRANSPORT  ${TRANSPORTS.join(', ')}; all unless some are named
Publishing wants NPM_TOKEN, an unchanged checkout, and no waiting changeset (npm run changeset -- version takes them in).`;

/** A setting is wrong or missing; the same code as both apps. */
const NOT_READY = 78;
const CHANGESETS = join(ROOT, 'libs', '.changeset');

/** @typedef {import('./lib/transport-package.mjs').BuiltPackage & { tarball: string }} Packed */

/** @returns {string[]} the notes that no version has taken in */
function waitingChangesets() {
  return readdirSync(CHANGESETS).filter((file) => file.endsWith('.md') && file !== 'README.md');
}

/**
 * Everything that stands against publishing, at once.
 * @throws {ScriptError}
 */
async function assertReady() {
  const waiting = waitingChangesets();
  const { code, output } = await runQuietly('git', ['status', '--porcelain']);
  const faults = [
    ...((process.env.NPM_TOKEN ?? '') === ''
      ? ['NPM_TOKEN is not set: it is a token of npmjs.com that may publish both packages']
      : []),
    ...(waiting.length > 0
      ? [
          `changesets that no version has taken in: ${waiting.join(', ')}; run npm run changeset -- version, and commit`,
        ]
      : []),
    ...(code !== 0 || output.trim() !== '' ? ['the checkout has changes that are not committed'] : []),
  ];
  if (faults.length > 0)
    throw new ScriptError(
      faults.map((fault) => `release: ${fault}`).join('\n') + '\nNothing was published.',
      NOT_READY,
    );
}

/**
 * Builds, packs and checks a package.
 * @param {string} transport
 * @returns {Promise<Packed>}
 * @throws {ScriptError} with every fault of the tarball
 */
async function prepare(transport) {
  // What it needs may just have been installed.
  const { inspectTarball } = await import('./lib/package-faults.mjs');
  const built = await buildTransport(transport);
  const tarball = await packBuilt(built);
  const { files, faults } = await inspectTarball(tarball);
  const title = `${built.name} ${built.version}`;
  if (faults.length > 0)
    throw new ScriptError(faults.map((fault) => `release: ${title}: ${fault}`).join('\n'));
  const kilobytes = Math.ceil(statSync(tarball).size / 1000);
  console.log(`${title}: ${files} files, ${kilobytes} kB; publint, attw and contents have no fault`);
  return { ...built, tarball };
}

/**
 * @param {Packed} packed
 * @returns {{ access: string, registry: string }}
 */
function publishConfigOf({ folder }) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).publishConfig;
}

/**
 * Publishes a tarball, unless the registry has its version already, and tags the commit.
 * @param {Packed} packed
 */
async function publish(packed) {
  const { name, version, tarball } = packed;
  const { registry } = publishConfigOf(packed);
  const id = `${name}@${version}`;
  const asked = await runQuietly('npm', ['view', id, 'version', '--registry', registry]);
  if (asked.code === 0 && asked.output.split('\n').includes(version)) {
    console.log(`${id} is published already`);
    return;
  }
  if (asked.code !== 0 && !asked.output.includes('E404'))
    throw new ScriptError(`release: ${registry} does not say whether it has ${id}:\n${asked.output}`);
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  try {
    // npm reads the token from the environment: it is in no file and on no command line.
    const config = join(folder, 'npmrc');
    writeFileSync(config, `${registry.replace(/^https?:/, '')}:_authToken=\${NPM_TOKEN}\n`);
    await runStep(`npm publish of ${id}`, 'npm', ['publish', tarball, '--userconfig', config]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  await runStep('git tag', 'git', ['tag', id]);
  console.log(`${id} is published, and the commit has its tag: git push --tags`);
}

await runScript(async () => {
  const { values, words } = readOptions('release', USAGE, { takesWords: true });
  const transports = chosenTransports('release', words);
  const isDry = values['dry-run'] === true;
  if (!isDry) await assertReady();
  await ensureInstalled();
  /** @type {Packed[]} */
  const all = [];
  for (const transport of transports) all.push(await prepare(transport));
  if (!isDry) {
    for (const packed of all) await publish(packed);
    return;
  }
  for (const packed of all) {
    const { access, registry } = publishConfigOf(packed);
    const { name, version, tarball } = packed;
    console.log(`would publish ${name}@${version} (${basename(tarball)}, ${access}) to ${registry}`);
  }
  const waiting = waitingChangesets();
  if (waiting.length > 0)
    console.log(`before that, npm run changeset -- version takes in ${waiting.join(', ')}`);
});
