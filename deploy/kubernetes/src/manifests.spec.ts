import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FOLDERS, manifestFiles } from './manifest-catalogue.js';

const folder = resolve(__dirname, '..');
const root = resolve(folder, '../..');
const objects = Object.entries(FOLDERS).flatMap(([path, { files = {} }]) =>
  Object.entries(files).flatMap(([file, manifests]) =>
    manifests.map((manifest) => [`${path}/${file}`, manifest] as const),
  ),
);
/** The settings that an app has, by its example. */
const settingsIn = (app: string): string[] =>
  [...readFileSync(join(root, `apps/${app}/.env.example`), 'utf8').matchAll(/^(?:# )?([A-Z][A-Z_]+)=/gm)].map(
    ([, key = '']) => key,
  );

describe('the manifests', () => {
  it.each(objects)('%s is what its kind wants', (_, manifest) => {
    expect(() => manifest.validate()).not.toThrow();
  });

  it('are on the disk as npm run manifests:build writes them, and no others', () => {
    const onDisk = ['base', 'overlays', 'components'].flatMap((part) =>
      readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.yaml'))
        .map((name) => join(part, name)),
    );
    const files = manifestFiles();
    expect(onDisk.sort()).toEqual([...files.keys()].sort());
    for (const [name, text] of files) expect(readFileSync(join(folder, name), 'utf8')).toBe(text);
  });

  it.each(Object.entries(FOLDERS).filter(([, { settings }]) => settings !== undefined))(
    '%s sets what its apps have',
    (_, { settings = {} }) => {
      for (const [app, values] of Object.entries(settings)) {
        // Both are for the shell of the pod: the count, from which it makes SIDECAR_SHARD.
        const known = new Set([...settingsIn(app), 'SIDECAR_COUNT']);
        expect(Object.keys(values).filter((key) => !known.has(key))).toEqual([]);
      }
    },
  );

  it('have as many sidecars as share the partitions', () => {
    const { settings, replicas } = FOLDERS['overlays/jetstream'] ?? {};
    expect(settings?.sidecar?.['SIDECAR_COUNT']).toBe(String(replicas?.sidecar));
  });
});
