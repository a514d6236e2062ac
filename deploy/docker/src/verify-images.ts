// `npm run images:verify`, run from the repository's root: builds both images, runs them, and says what holds.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ScratchFolder } from '../../../testing/folder.js';
import { appliedTrades, countOf, whenApplied } from '../../../testing/samples.js';
import { BuildahEngine } from './buildah-engine.js';
import { APPS, type BuiltImage, type ContainerEngine } from './container-engine.js';
import { ContainerPair } from './container-pair.js';
import { DockerEngine } from './docker-engine.js';
import { containerFaults, imageFaults } from './image-checks.js';
import { makeSecrets, SECRETS, TOKEN } from './mounted-secrets.js';

const MIB = 1024 * 1024;
/** More than this is more than node, Debian and what runs. */
const LARGEST_MIB = 400;
const TRADES = 500;
const SPOOL = '/app/var/spool';
const STATE = '/app/var/state';

const runs = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** Docker where its daemon answers, else Debian's programs; undefined, with the reason said, where there is neither. */
function findEngine(): ContainerEngine | undefined {
  if (runs('docker', 'info')) return new DockerEngine();
  const missing = ['buildah', 'runc', 'mmdebstrap'].filter((program) => !runs(program, '--version'));
  if (missing.length === 0 && process.getuid?.() === 0) return new BuildahEngine();
  const what = missing.length > 0 ? `apt-get install ${missing.join(' ')}` : 'run this as root';
  console.error(`images:verify: no Docker daemon answers; without one, ${what}`);
  return undefined;
}

/** What one proof found: nothing is what it wants. */
type Faults = Promise<readonly string[]>;

function differ(what: string, seen: number, wanted: number): string[] {
  return seen === wanted ? [] : [`${what}: ${seen}, not ${wanted}`];
}

/** With keys and a token as files: what a stranger may not, what the holder may, and that nothing else is open. */
async function proveSecrets(pair: ContainerPair): Faults {
  await pair.start('sidecar');
  await pair.start('publisher');
  const faults = [
    ...differ('a post without the token', await pair.post(1), 401),
    ...differ('a post with it', await pair.post(TRADES, { authorization: `Bearer ${TOKEN}` }), 202),
  ];
  await whenApplied(pair.at.sidecarUrl, TRADES);
  for (const path of ['/', '/docs', '/health/ready', '/metrics'])
    faults.push(...differ(`GET ${path}`, await pair.status('publisher', path), 200));
  for (const app of APPS)
    for (const fault of await containerFaults(pair.of(app), [])) faults.push(`${app}: ${fault}`);
  await pair.stop('publisher');
  await pair.stop('sidecar');
  return faults;
}

/** At most once: what was accepted while nobody listened leaves when the publisher is stopped, and is counted. */
async function proveDrain(pair: ContainerPair): Faults {
  await pair.start('publisher');
  const faults = differ('a bulk post', await pair.post(TRADES), 202);
  const stopping = pair.stop('publisher');
  await pair.start('sidecar');
  await stopping;
  const applied = await whenApplied(pair.at.sidecarUrl, TRADES);
  await pair.stop('sidecar');
  return [...faults, ...differ('counted after the drain', countOf(applied), TRADES)];
}

/** Durable: both apps are killed in the middle, each trade is counted once, and the counts outlive the sidecar. */
async function proveDurable(pair: ContainerPair): Faults {
  await pair.start('sidecar');
  await pair.start('publisher');
  const faults = differ('a bulk post', await pair.post(TRADES), 202);
  await whenApplied(pair.at.sidecarUrl, TRADES);
  for (const app of APPS)
    for (const fault of await containerFaults(pair.of(app), [app === 'sidecar' ? STATE : SPOOL]))
      faults.push(`${app}: ${fault}`);
  await pair.kill('sidecar');
  faults.push(...differ('a bulk post without a sidecar', await pair.post(TRADES), 202));
  await pair.kill('publisher');
  await pair.start('sidecar');
  faults.push(...differ('kept', countOf(await appliedTrades(pair.at.sidecarUrl)), TRADES));
  await pair.start('publisher');
  const applied = await whenApplied(pair.at.sidecarUrl, 2 * TRADES);
  faults.push(...differ('counted after both were killed', countOf(applied), 2 * TRADES));
  await pair.stop('publisher');
  await pair.stop('sidecar');
  return faults;
}

async function prove(
  engine: ContainerEngine,
  images: readonly BuiltImage[],
  folder: string,
): Promise<number> {
  const none = { sidecar: [], publisher: [] };
  const volume = async (app: 'sidecar' | 'publisher', target: string) => [
    { source: await engine.makeVolume(app, target), target, isReadOnly: false },
  ];
  const limits = { DRAIN_TIMEOUT_MS: '15000' };
  const proofs = {
    'mounted keys and token': async () =>
      proveSecrets(
        await ContainerPair.prepare(engine, images, {
          settings: { CURVE_KEYS: SECRETS, API_TOKEN_FILE: join(SECRETS, 'token') },
          mounts: makeSecrets(folder),
        }),
      ),
    'SIGTERM drains': async () =>
      proveDrain(await ContainerPair.prepare(engine, images, { settings: limits, mounts: none })),
    'durable, on volumes': async () =>
      proveDurable(
        await ContainerPair.prepare(engine, images, {
          settings: { DELIVERY: 'durable' },
          mounts: { sidecar: await volume('sidecar', STATE), publisher: await volume('publisher', SPOOL) },
        }),
      ),
  };
  let failed = 0;
  for (const [name, proof] of Object.entries(proofs)) {
    const sinceMs = performance.now();
    const faults = await proof().catch((error: unknown) => [String(error)]);
    const seconds = ((performance.now() - sinceMs) / 1000).toFixed(1);
    console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'}  ${name} (${seconds} s)`);
    for (const fault of faults) console.log(`      ${fault}`);
    if (faults.length > 0) failed += 1;
  }
  return failed;
}

/** What is being run, for whoever has to end it in the middle. */
let current: ContainerEngine | undefined;

/** Ends what the proofs have started. */
export async function stopContainers(): Promise<void> {
  await current?.dispose();
}

/** @returns the exit code: 0 proven, 1 not, 69 when nothing here can run containers */
export async function verifyImages(): Promise<number> {
  process.setMaxListeners(0);
  const engine = findEngine();
  if (engine === undefined) return 69;
  current = engine;
  const scratch = new ScratchFolder('trading-secrets-');
  try {
    console.log(`building with ${engine.name}`);
    const sinceMs = performance.now();
    const images = await engine.build();
    console.log(`built in ${Math.round((performance.now() - sinceMs) / 1000)} s`);
    let failed = 0;
    for (const image of images) {
      const size = Math.round(image.bytes / MIB);
      const faults = [
        ...imageFaults(image),
        ...(size > LARGEST_MIB ? [`it has more than ${LARGEST_MIB} MiB`] : []),
      ];
      console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'}  the image of the ${image.app}: ${size} MiB`);
      for (const fault of faults) console.log(`      ${fault}`);
      if (faults.length > 0) failed += 1;
    }
    failed += await prove(engine, images, scratch.path);
    console.log(failed === 0 ? 'all proven' : `${failed} failed`);
    return failed === 0 ? 0 : 1;
  } finally {
    await engine.dispose();
    scratch.remove();
  }
}
