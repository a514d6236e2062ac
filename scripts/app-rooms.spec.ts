// The rooms of both apps, as docs/explanation/architecture.md has them: the table there is what is tested.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '..');

interface Room {
  readonly app: string;
  readonly name: string;
  /** The other rooms that it may import. */
  readonly imports: readonly string[];
}

const page = readFileSync(join(ROOT, 'docs/explanation/architecture.md'), 'utf8');
const table = page.split('\n## The rooms\n')[1]?.split('\n## ')[0] ?? '';
const rooms: readonly Room[] = [
  ...table.matchAll(/^\| (publisher|sidecar) \| `(\w+)` \| [^|]+ \| ([^|]+) \|$/gm),
].map(([, app = '', name = '', imports = '']) => ({
  app,
  name,
  imports: [...imports.matchAll(/`(\w+)`/g)].map(([, room = '']) => room),
}));

/** The files of an app without its specs, relative to its source. */
function filesOf(app: string): string[] {
  return readdirSync(join(ROOT, 'apps', app, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(sep).join('/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'));
}

/** The rooms that a file imports beside its own. Types count as much as values. */
function roomsImportedBy(app: string, file: string): string[] {
  const source = join(ROOT, 'apps', app, 'src');
  const { importedFiles } = ts.preProcessFile(readFileSync(join(source, file), 'utf8'));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => relative(source, join(source, dirname(file), fileName)).split(sep)[0] ?? '')
    .filter((room) => room !== file.split('/')[0]);
}

describe.each(['publisher', 'sidecar'])('the rooms of the %s', (app) => {
  const own = rooms.filter((room) => room.app === app);
  const files = filesOf(app);
  const names = own.map(({ name }) => name);
  const inRoom = (room: string): string[] => files.filter((file) => file.startsWith(`${room}/`));

  it('are all that its source has, beside its start', () => {
    const [inRooms, beside] = [
      files.filter((file) => file.includes('/')),
      files.filter((file) => !file.includes('/')),
    ];
    expect([...new Set(inRooms.map((file) => file.split('/')[0]))].toSorted()).toEqual(names.toSorted());
    expect(beside.toSorted()).toEqual(['app.module.ts', 'main.ts']);
  });

  it.each(own)('let $name import only the rooms that the page names', ({ name, imports }) => {
    const wrong = inRoom(name).flatMap((file) =>
      roomsImportedBy(app, file)
        .filter((room) => !imports.includes(room))
        .map((room) => `${file} imports ${room}`),
    );
    expect(wrong).toEqual([]);
  });

  it('import one way, without a circle', () => {
    const placed: string[] = [];
    let next = own;
    while (next.length > 0) {
      const [first] = next.filter(({ imports }) => imports.every((room) => placed.includes(room)));
      expect({ placed, canFollow: first?.name }).toEqual({ placed, canFollow: expect.any(String) });
      placed.push(first?.name ?? '');
      next = next.filter((room) => room !== first);
    }
  });

  it.each(names)('have at most one Nest module each: %s', (name) => {
    const modules = inRoom(name).filter((file) => file.endsWith('.module.ts'));
    expect(modules.length).toBeLessThanOrEqual(1);
  });

  it('have folders that are one floor deep at most', () => {
    expect(files.filter((file) => file.split('/').length > 3)).toEqual([]);
  });
});

// A metric of trades is a file of its own, and anyone may add one.
it.each([
  ['publisher', 45],
  ['sidecar', 54],
])('the %s has at most %d source files beside its metrics', (app, most) => {
  expect(filesOf(app).filter((file) => !file.endsWith('.metric.ts')).length).toBeLessThanOrEqual(most);
});
