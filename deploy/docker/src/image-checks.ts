// What must hold of an image and of a container, whatever the app does in it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../testing/root.js';
import type { BuiltImage, Container } from './container-engine.js';

/** What a container says of itself. */
interface Inside {
  readonly status: Readonly<Record<'Uid' | 'CapEff' | 'CapBnd' | 'NoNewPrivs', string>>;
  /** What came of writing into each folder: `written`, or the error's code. */
  readonly writes: Readonly<Record<string, string>>;
  /** Programs on the PATH that have no business there. */
  readonly programs: readonly string[];
  /** `name@version` of every package in node_modules. */
  readonly packages: readonly string[];
  readonly listed: readonly string[];
}

const UNWANTED = [
  'npm',
  'npx',
  'yarn',
  'corepack',
  'tsc',
  'node-gyp',
  'cc',
  'gcc',
  'g++',
  'make',
  'cmake',
  'python3',
];

/** Runs inside; of node alone, as nothing else is there. */
const PROBE = `
const { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const status = Object.fromEntries(readFileSync('/proc/1/status', 'utf8').split('\\n').map((line) => line.split(':\\t')));
const write = (folder) => {
  const file = join(folder, 'probe');
  try { writeFileSync(file, ''); rmSync(file); return 'written'; } catch (error) { return error.code; }
};
const folders = (folder) => existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')).map((name) => join(folder, name)) : [];
const below = (modules) => folders(modules).flatMap((path) => /@[^/]+$/.test(path) ? folders(path) : [path]).flatMap((path) => {
  const file = join(path, 'package.json');
  if (!existsSync(file)) return [];
  const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
  return [name + '@' + version, ...below(join(path, 'node_modules'))];
});
console.log(JSON.stringify({
  status,
  writes: Object.fromEntries(['/', '/app', '/usr', '/app/var/spool', '/app/var/state'].map((folder) => [folder, write(folder)])),
  programs: UNWANTED.filter((name) => process.env.PATH.split(':').some((folder) => existsSync(join(folder, name)))),
  packages: below('/app/node_modules'),
  listed: JSON.parse(readFileSync('/app/sbom.json', 'utf8')).components.map(({ group, name, version }) => (group ? group + '/' : '') + name + '@' + version),
}));`;

async function look(container: Container): Promise<Inside> {
  const script = `const UNWANTED = ${JSON.stringify(UNWANTED)};${PROBE}`;
  const { code, output } = await container.exec(['node', '-e', script]);
  if (code !== 0) throw new Error(`the probe failed inside of the container: ${output}`);
  return JSON.parse(output) as Inside;
}

/** @returns what is wrong with a running container; its volumes are those of `writable` */
export async function containerFaults(container: Container, writable: readonly string[]): Promise<string[]> {
  const { status, writes, programs, packages, listed } = await look(container);
  const faults: string[] = [];
  const uids = status.Uid.split('\t');
  if (uids.some((uid) => uid !== '1000')) faults.push(`it runs as ${uids.join(', ')}, not as node (1000)`);
  if (/[^0]/.test(status.CapEff + status.CapBnd)) faults.push(`it has capabilities: ${status.CapEff}`);
  if (status.NoNewPrivs !== '1') faults.push('it may gain privileges');
  for (const [folder, seen] of Object.entries(writes)) {
    const wanted = writable.includes(folder) ? 'written' : 'EROFS';
    if (seen !== wanted) faults.push(`${folder} is ${seen}, not ${wanted}`);
  }
  if (programs.length > 0) faults.push(`it has ${programs.join(', ')}`);
  const unlisted = packages.filter((name) => !listed.includes(name));
  if (unlisted.length > 0) faults.push(`sbom.json does not name ${unlisted.join(', ')}`);
  const absent = listed.filter((name) => !packages.includes(name));
  if (absent.length > 0) faults.push(`sbom.json names packages that are not installed: ${absent.join(', ')}`);
  const production = productionPackages();
  const surplus = packages.filter((name) => !production.has(name));
  if (surplus.length > 0) faults.push(`package-lock.json has not for production: ${surplus.join(', ')}`);
  return faults;
}

/** Those that the lockfile has for production, as `name@version`. */
function productionPackages(): Set<string> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { name?: string; version?: string; dev?: boolean }>;
  };
  return new Set(
    Object.entries(packages)
      .filter(([path, { dev }]) => path !== '' && dev !== true)
      .map(([path, { name, version }]) => `${name ?? path.split('node_modules/').at(-1)}@${version}`),
  );
}

/** @returns what is wrong with what an image says of itself */
export function imageFaults({ config }: BuiltImage): string[] {
  const faults: string[] = [];
  if (config.User !== 'node') faults.push(`its user is "${config.User}"`);
  if (config.Entrypoint[0] !== 'node') faults.push('node is not its first process, and gets no signals');
  if (config.StopSignal !== 'SIGTERM') faults.push(`it is stopped by ${config.StopSignal}`);
  if (config.Healthcheck?.Test[0] !== 'CMD') faults.push('it has no health check without a shell');
  return faults;
}
