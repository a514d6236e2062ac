import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const LIBRARIES = join(__dirname, '..', 'libs');

/** What the files of a folder may import beside each other: folders of the same library, and `core` for the core's index. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'transport-core/codec': [],
  'transport-core/outbox': ['transport-core/codec'],
  'transport-core/spool': ['transport-core/codec', 'transport-core/outbox'],
  'transport-core/dispatch': ['transport-core/codec', 'transport-core/outbox'],
  'transport-core/nest': ['transport-core/codec', 'transport-core/dispatch'],
  'zmq-transport/wire': [],
  'zmq-transport/sockets': [],
  'zmq-transport/curve': ['zmq-transport/sockets'],
  'zmq-transport/acknowledged/producer': ['zmq-transport/wire', 'zmq-transport/sockets'],
  'zmq-transport/acknowledged/consumer': ['zmq-transport/wire'],
  'zmq-transport/client': [
    'zmq-transport/acknowledged/producer',
    'zmq-transport/curve',
    'zmq-transport/sockets',
    'zmq-transport/wire',
  ],
  'zmq-transport/server': [
    'zmq-transport/acknowledged/consumer',
    'zmq-transport/curve',
    'zmq-transport/sockets',
    'zmq-transport/wire',
  ],
  'zmq-transport/nest': ['zmq-transport/client', 'zmq-transport/server'],
  'jetstream-transport/client': [],
  'jetstream-transport/server': [],
};

interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** The sources of a library, relative to `libs`, without its specs. */
function sourcesOf(library: string): string[] {
  return readdirSync(join(LIBRARIES, library, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => `${library}/src/${name}`);
}

/** What a file imports: files relative to `libs`, packages by their names. Types count as much as values. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(join(LIBRARIES, file), 'utf8'));
  return importedFiles.map(({ fileName }) =>
    fileName.startsWith('.')
      ? relative(LIBRARIES, join(LIBRARIES, dirname(file), fileName)).replace(/\.js$/, '.ts')
      : fileName,
  );
}

const sources = ['transport-core', 'zmq-transport', 'jetstream-transport'].flatMap(sourcesOf);
const arrows: readonly Arrow[] = sources.flatMap((from) => importsOf(from).map((to) => ({ from, to })));

/** The folder of {@link ROOMS} that a file stands in; undefined for what stands beside the folders. */
function roomOf(file: string): string | undefined {
  return Object.keys(ROOMS).find((room) => file.startsWith(`${room.replace('/', '/src/')}/`));
}

/** The first circle of files that can be walked from `file`; nothing when there is none. */
function circleFrom(file: string, way: readonly string[], done: Set<string>): string[] | undefined {
  if (way.includes(file)) {
    return [...way.slice(way.indexOf(file)), file];
  }
  if (done.has(file)) {
    return undefined;
  }
  for (const { to } of arrows.filter(({ from }) => from === file)) {
    const circle = circleFrom(to, [...way, file], done);
    if (circle !== undefined) return circle;
  }
  done.add(file);
  return undefined;
}

/** All that `files` lead to, by one import or many. */
function reachableFrom(files: readonly string[]): Set<string> {
  const reached = new Set(files);
  for (const file of reached) {
    for (const { from, to } of arrows) if (from === file) reached.add(to);
  }
  return reached;
}

describe('the transport libraries', () => {
  it('know every folder they have', () => {
    const strangers = sources.filter((file) => file.split('/').length > 3 && roomOf(file) === undefined);
    const empty = Object.keys(ROOMS).filter((room) => !sources.some((file) => roomOf(file) === room));

    expect({ strangers, empty }).toEqual({ strangers: [], empty: [] });
  });

  it('have no circle of files', () => {
    const done = new Set<string>();
    expect(sources.map((file) => circleFrom(file, [], done)).find((it) => it !== undefined)).toBeUndefined();
  });

  it('import downwards, from folder to folder', () => {
    const wrong = arrows.filter(({ from, to }) => {
      const [source, target] = [roomOf(from), roomOf(to)];
      return (
        source !== undefined && target !== undefined && source !== target && !ROOMS[source]?.includes(target)
      );
    });

    expect(wrong).toEqual([]);
  });

  it('lead to no file that is not there', () => {
    expect(arrows.filter(({ to }) => to.endsWith('.ts') && !sources.includes(to))).toEqual([]);
  });

  it('keep the core free of sockets, brokers and whoever stands above it', () => {
    const wrong = arrows.filter(
      ({ from, to }) =>
        from.startsWith('transport-core/') &&
        /^(zeromq|@app\/|zmq-transport\/|jetstream-transport\/|@nats)/.test(to),
    );

    expect(wrong).toEqual([]);
  });

  it.each([
    ['zmq-transport', 'client', 'server'],
    ['zmq-transport', 'server', 'client'],
    ['zmq-transport', 'acknowledged/producer', 'acknowledged/consumer'],
    ['zmq-transport', 'acknowledged/consumer', 'acknowledged/producer'],
    ['jetstream-transport', 'client', 'server'],
    ['jetstream-transport', 'server', 'client'],
  ])('keep the two halves of %s apart: %s never leads to %s', (library, half, other) => {
    const files = sources.filter((file) => file.startsWith(`${library}/src/${half}/`));
    const reached = [...reachableFrom(files)].filter((file) => file.startsWith(`${library}/src/${other}/`));

    expect(reached).toEqual([]);
  });
});
