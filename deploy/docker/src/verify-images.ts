// `npm run images:verify`, run from the repository's root: builds both images, runs them, and says what holds.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ScratchFolder } from '../../../testing/folder.js';
import { appliedTrades, countOf, whenApplied } from '../../../testing/samples.js';
import type { AppName } from '../../../testing/stack.js';
import { BuildahEngine } from './buildah-engine.js';
import { APPS, type ContainerEngine, ImageBuildError, type Mount } from './container-engine.js';
import { ContainerPair, type PairPlan } from './container-pair.js';
import { DockerEngine } from './docker-engine.js';
import { containerFaults, imageFaults } from './image-checks.js';
import { makeSecrets, SECRETS, TOKEN } from './mounted-secrets.js';

const MIB = 1024 * 1024;
/** More than this is more than node, Debian and what runs. */
const LARGEST_MIB = 400;
const TRADES = 500;
const VOLUMES: Readonly<Record<AppName, string>> = { sidecar: '/app/var/state', publisher: '/app/var/spool' };

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

/** Runs a pair, and writes down what is not as it should be. */
type Proof = (pair: ContainerPair, faults: string[]) => Promise<void>;

function compare(faults: string[], what: string, seen: number, wanted: number): void {
  if (seen !== wanted) faults.push(`${what}: ${seen}, not ${wanted}`);
}

async function compareInside(
  faults: string[],
  pair: ContainerPair,
  writable: readonly string[],
): Promise<void> {
  for (const app of APPS)
    for (const fault of await containerFaults(
      pair.of(app),
      writable.filter((folder) => folder === VOLUMES[app]),
    ))
      faults.push(`${app}: ${fault}`);
}

/** With keys and a token as files: what a stranger may not, what the holder may, and that nothing else is open. */
const proveSecrets: Proof = async (pair, faults) => {
  await pair.start('sidecar');
  await pair.start('publisher');
  compare(faults, 'a post without the token', await pair.post(1), 401);
  compare(faults, 'a post with it', await pair.post(TRADES, { authorization: `Bearer ${TOKEN}` }), 202);
  await whenApplied(pair.at.sidecarUrl, TRADES);
  for (const path of ['/', '/docs', '/health/ready', '/metrics'])
    compare(faults, `GET ${path}`, await pair.status('publisher', path), 200);
  await compareInside(faults, pair, []);
  // It has no pod's name here, and says so.
  const { code } = await pair.of('sidecar').exec(['node', 'follow-shards.mjs']);
  compare(faults, 'follow-shards.mjs without a pod', code, 78);
  await pair.stop('publisher');
  await pair.stop('sidecar');
};

/** At most once: what was accepted while nobody listened leaves when the publisher is stopped, and is counted. */
const proveDrain: Proof = async (pair, faults) => {
  await pair.start('publisher');
  compare(faults, 'a bulk post', await pair.post(TRADES), 202);
  await Promise.all([pair.stop('publisher'), pair.start('sidecar')]);
  const applied = await whenApplied(pair.at.sidecarUrl, TRADES);
  compare(faults, 'counted after the drain', countOf(applied), TRADES);
  await pair.stop('sidecar');
};

/** Durable: both apps are killed in the middle, each trade is counted once, and the counts outlive the sidecar. */
const proveDurable: Proof = async (pair, faults) => {
  await pair.start('sidecar');
  await pair.start('publisher');
  compare(faults, 'a bulk post', await pair.post(TRADES), 202);
  await whenApplied(pair.at.sidecarUrl, TRADES);
  await compareInside(faults, pair, Object.values(VOLUMES));
  await pair.kill('sidecar');
  compare(faults, 'a bulk post without a sidecar', await pair.post(TRADES), 202);
  await pair.kill('publisher');
  await pair.start('sidecar');
  compare(faults, 'kept', countOf(await appliedTrades(pair.at.sidecarUrl)), TRADES);
  await pair.start('publisher');
  const applied = await whenApplied(pair.at.sidecarUrl, 2 * TRADES);
  compare(faults, 'counted after both were killed', countOf(applied), 2 * TRADES);
  await pair.stop('publisher');
  await pair.stop('sidecar');
};

/** What is proven, with the plan of its pair. */
async function proofsOf(
  engine: ContainerEngine,
  folder: string,
): Promise<readonly (readonly [name: string, proof: Proof, plan: PairPlan])[]> {
  const none = { sidecar: [], publisher: [] };
  const volume = async (app: AppName): Promise<Mount[]> => {
    const target = VOLUMES[app];
    return [{ source: await engine.makeVolume(app, target), target, isReadOnly: false }];
  };
  return [
    [
      'mounted keys and token',
      proveSecrets,
      {
        settings: { CURVE_KEYS: SECRETS, API_TOKEN_FILE: join(SECRETS, 'token') },
        mounts: makeSecrets(folder),
      },
    ],
    ['SIGTERM drains', proveDrain, { settings: { DRAIN_TIMEOUT_MS: '60000' }, mounts: none }],
    [
      'durable, on volumes',
      proveDurable,
      {
        settings: { DELIVERY: 'durable', SIDECAR_STATE_DIR: VOLUMES.sidecar, SPOOL_DIR: VOLUMES.publisher },
        mounts: { sidecar: await volume('sidecar'), publisher: await volume('publisher') },
      },
    ],
  ];
}

/** @returns whether it holds, which a line says */
function say(what: string, faults: readonly string[]): boolean {
  console.log([`${faults.length === 0 ? 'ok  ' : 'FAIL'}  ${what}`, ...faults].join('\n      '));
  return faults.length === 0;
}

/** What is being run, for whoever has to end it in the middle. */
let current: ContainerEngine | undefined;

/** Ends what the proofs have started. */
export async function stopContainers(): Promise<void> {
  await current?.dispose();
}

/** @returns the exit code: 0 proven, 1 not, 69 when nothing here can run containers */
export async function verifyImages(): Promise<number> {
  // Each started program listens for the end of this process.
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
    const verdicts = images.map((image) => {
      const size = Math.round(image.bytes / MIB);
      const faults = size > LARGEST_MIB ? [`it has more than ${LARGEST_MIB} MiB`] : [];
      return say(`the image of the ${image.app}: ${size} MiB`, [...faults, ...imageFaults(image)]);
    });
    for (const [name, proof, plan] of await proofsOf(engine, scratch.path))
      verdicts.push(await proven(name, proof, await ContainerPair.prepare(engine, images, plan)));
    const failed = verdicts.filter((holds) => !holds).length;
    console.log(`${verdicts.length - failed} proven, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ImageBuildError)) throw error;
    console.error(`images:verify: ${error.message}`);
    return 1;
  } finally {
    await engine.dispose();
    scratch.remove();
  }
}

async function proven(name: string, proof: Proof, pair: ContainerPair): Promise<boolean> {
  const sinceMs = performance.now();
  const faults: string[] = [];
  try {
    await proof(pair, faults);
  } catch (error) {
    faults.push(String(error), ...pair.lastOutput());
  }
  return say(`${name} (${((performance.now() - sinceMs) / 1000).toFixed(1)} s)`, faults);
}
