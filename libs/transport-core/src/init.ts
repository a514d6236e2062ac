import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeFolder } from './spool/own-file.js';

/** How `init` ended, and what it has to say. */
export interface InitAnswer {
  /** 0, or by sysexits.h: 64 a command line that it does not know, 65 a package.json that is none, 73 a file that it cannot write. */
  readonly exitCode: number;
  /** Lines for a person, each ended. */
  readonly text: string;
}

/** What a package says of itself, and a project of what it uses. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

const EXIT_USAGE = 64;
const EXIT_BAD_DATA = 65;
const EXIT_CANNOT_CREATE = 73;

const FOLDER_MODE = 0o777;

/** What a service needs beside the transport and its peers. */
const LIBRARIES = { 'reflect-metadata': '^0.2.2' };
const TOOLS = { '@types/node': '^20.0.0', typescript: '^6.0.0' };
const COMPILER_OPTIONS = {
  target: 'ES2023',
  module: 'nodenext',
  rootDir: 'src',
  outDir: 'dist',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
};

class InitError extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
  ) {
    super(message);
  }
}

/**
 * `init [FOLDER]`: writes a service and a program that sends to it into an empty folder or an existing project. A file that is
 * there already is never changed.
 * @param packageFolder the transport's package: its package.json, and its `template` folder, whose files go to `src`
 * @param args the command line after the program's name
 */
export function init(packageFolder: string, args: readonly string[]): InitAnswer {
  const own = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as Manifest;
  const usage = `usage: npx ${own.name} init [FOLDER]
Makes a service and a program that sends to it in FOLDER, which is this one unless another is named. Changes no file that is there.
`;
  const made: string[] = [];
  try {
    const folder = folderOf(args);
    if (folder === undefined) return { exitCode: 0, text: usage };
    const used = usedBy(folder);
    const left = write(folder, filesOf(packageFolder, own), made);
    return { exitCode: 0, text: [...listOf(made, left), '', ...nextSteps(folder, own, used)].join('\n') };
  } catch (error) {
    if (!(error instanceof InitError)) throw error;
    const lines = [...listOf(made, []), `init: ${error.message}`];
    const text = `${lines.join('\n')}\n${error.exitCode === EXIT_USAGE ? usage : ''}`;
    return { exitCode: error.exitCode, text };
  }
}

/** The folder that a command line names, absolute; undefined when it asks for help. */
function folderOf(args: readonly string[]): string | undefined {
  const { values, positionals } = parsed(args);
  if (values.help === true) return undefined;
  const [command, folder = '.', ...more] = positionals;
  if (command !== 'init') {
    throw new InitError(
      command === undefined ? 'the command is missing' : `there is no command ${command}`,
      EXIT_USAGE,
    );
  }
  if (folder === '') throw new InitError('the name of the folder is empty', EXIT_USAGE);
  if (more.length > 0) throw new InitError(`one folder, and not ${more.join(' ')} too`, EXIT_USAGE);
  return resolve(folder);
}

function parsed(args: readonly string[]): { values: { help?: boolean }; positionals: string[] } {
  try {
    const options = { help: { type: 'boolean', short: 'h' } } as const;
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    // Node's message goes on with advice about words that begin with a hyphen.
    const [what = ''] = (error as Error).message.split('. ');
    throw new InitError(what, EXIT_USAGE);
  }
}

/** The packages that the project in a folder names already; undefined for a folder without a project. */
function usedBy(folder: string): ReadonlySet<string> | undefined {
  const file = join(folder, 'package.json');
  const text = ifThere(() => readFileSync(file, 'utf8'), file);
  if (text === undefined) return undefined;
  const sections = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];
  try {
    const manifest = JSON.parse(text) as Record<string, object | undefined>;
    return new Set(sections.flatMap((section) => Object.keys(manifest[section] ?? {})));
  } catch (error) {
    throw new InitError(`${file} is not a package.json: ${(error as Error).message}`, EXIT_BAD_DATA);
  }
}

/** What `read` gives; undefined when the file or its folder is not there. */
function ifThere(read: () => string, file: string): string | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new InitError(`${file} cannot be read: ${(error as Error).message}`, EXIT_CANNOT_CREATE);
  }
}

/** The files of a new project, by their paths in it. */
function filesOf(packageFolder: string, own: Manifest): Map<string, string> {
  const template = join(packageFolder, 'template');
  const names = readdirSync(template, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const libraries = librariesOf(own);
  const manifest = {
    name: 'orders-service',
    private: true,
    type: 'module',
    scripts: { build: 'tsc', start: 'node dist/orders/main.js', send: 'node dist/orders/send.js' },
    dependencies: libraries,
    devDependencies: TOOLS,
    // npm asks about every package that has an install script.
    ...('zeromq' in libraries ? { allowScripts: { zeromq: true } } : {}),
  };
  return new Map([
    ['package.json', jsonOf(manifest)],
    ['tsconfig.json', jsonOf({ compilerOptions: COMPILER_OPTIONS, include: ['src'] })],
    ...names
      .toSorted()
      .map((name): [string, string] => [join('src', name), readFileSync(join(template, name), 'utf8')]),
  ]);
}

function jsonOf(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** The transport, what it asks for, and what Nest asks for, with their ranges. */
function librariesOf({
  name,
  version,
  peerDependencies,
  peerDependenciesMeta,
}: Manifest): Record<string, string | undefined> {
  const needed = Object.entries(peerDependencies)
    .filter(([peer]) => peerDependenciesMeta[peer]?.optional !== true)
    // A new project takes the newest of several ranges.
    .map(([peer, ranges]) => [peer, ranges.split(' || ').at(-1)] as const);
  return { [name]: `^${version}`, ...Object.fromEntries(needed), ...LIBRARIES };
}

/**
 * @param made gets the path of each file that was written, also when a later one fails
 * @returns the paths of the files that were there
 */
function write(folder: string, files: ReadonlyMap<string, string>, made: string[]): string[] {
  const left: string[] = [];
  for (const [path, text] of files) {
    const file = join(folder, path);
    try {
      makeFolder(dirname(file), FOLDER_MODE);
      // Not after a look: what appears meanwhile is not overwritten either, nor what a link points to.
      writeFileSync(file, text, { flag: 'wx' });
      made.push(path);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST' || !existsSync(file))
        throw new InitError(`${file} cannot be written: ${message}`, EXIT_CANNOT_CREATE);
      left.push(path);
    }
  }
  return left;
}

function listOf(made: readonly string[], left: readonly string[]): string[] {
  return [
    ...made.map((path) => `made        ${path}`),
    ...left.map((path) => `left alone  ${path} (it was there)`),
  ];
}

/** The commands that lead from here to a running service. */
function nextSteps(folder: string, own: Manifest, used: ReadonlySet<string> | undefined): string[] {
  const way = relative(process.cwd(), folder);
  const cd = way === '' ? [] : [`cd ${/^[\w./-]+$/.test(way) ? way : `'${way}'`}`];
  if (used === undefined) {
    return ['Next:', ...commands([...cd, 'npm install', 'npm run build', 'npm start', 'npm run send']), ''];
  }
  const missing = (packages: object): string =>
    Object.keys(packages)
      .filter((name) => !used.has(name))
      .join(' ');
  const [libraries, tools] = [missing(librariesOf(own)), missing(TOOLS)];
  return [
    'Next, in the project that was there:',
    ...commands([
      ...cd,
      ...(libraries === '' ? [] : [`npm install ${libraries}`]),
      ...(tools === '' ? [] : [`npm install --save-dev ${tools}`]),
      existsSync(join(folder, 'nest-cli.json')) ? 'npx nest build' : 'npx tsc',
      'node dist/orders/main.js',
      'node dist/orders/send.js',
    ]),
    'To send from an application, import OrdersSenderModule into its module and inject OrdersSender.',
    '',
  ];
}

/** The last command goes into a terminal of its own. */
function commands(lines: readonly string[]): string[] {
  return [
    ...lines.slice(0, -1).map((line) => `  ${line}`),
    `  ${lines.at(-1) ?? ''}    # in another terminal, while the service runs`,
  ];
}
