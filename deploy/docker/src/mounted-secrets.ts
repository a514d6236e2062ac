// Keys and a token as an orchestrator mounts them: links to files of root that everybody may read.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../../testing/root.js';
import type { AppName } from '../../../testing/stack.js';
import type { Mount } from './container-engine.js';

export const TOKEN = 'a-token-that-only-this-proof-has';
/** Where the containers find them. */
export const SECRETS = '/run/secrets/trading';

const FILES: Readonly<Record<AppName, readonly string[]>> = {
  sidecar: ['token', 'server.key', 'allowed/publisher.pub'],
  publisher: ['token', 'server.pub', 'clients/publisher.key'],
};

/** Makes both apps' secrets below a folder. @returns the folder of each as a mount */
export function makeSecrets(folder: string): Record<AppName, Mount[]> {
  const keys = join(folder, 'keys');
  const { status, stderr } = spawnSync(process.execPath, ['scripts/keys.mjs', '--dir', keys], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`npm run keys failed: ${stderr}`);
  writeFileSync(join(keys, 'token'), `${TOKEN}\n`);
  const mounted = (app: AppName): Mount[] => {
    const source = join(folder, app);
    for (const file of FILES[app]) link(keys, source, file);
    return [{ source, target: SECRETS, isReadOnly: true }];
  };
  const mounts = { sidecar: mounted('sidecar'), publisher: mounted('publisher') };
  rmSync(keys, { recursive: true });
  return mounts;
}

/** As the kubelet does: `name` → `..data/name`, `..data` → the folder of this version. */
function link(from: string, folder: string, file: string): void {
  const version = '..2026_11_27';
  const target = join(folder, version, file);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(join(from, file), target);
  spawnSync('chmod', ['-R', 'a+rX', folder]);
  const [first = file] = file.split('/');
  for (const [name, to] of [
    ['..data', version],
    [first, `..data/${first}`],
  ] as const) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(to, join(folder, name));
  }
}
