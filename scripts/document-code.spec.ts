import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parse as parseYaml } from 'yaml';
import { DOCUMENTS, filesIn, ROOT as root } from './documents.fixture.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

interface Block {
  /** `docs/how-to/load.md:6` */
  readonly at: string;
  readonly document: string;
  readonly language: string;
  readonly code: string;
}

function blocksOf(document: string): Block[] {
  const text = read(document);
  return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^\1```$/gm)].map((match) => {
    const [, indent = '', language = '', code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length;
    return {
      at: `${document}:${line}`,
      document,
      language,
      code: code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    };
  });
}

const blocks = DOCUMENTS.flatMap(blocksOf);
const of = (...languages: string[]): Block[] => blocks.filter(({ language }) => languages.includes(language));

/** What an nginx configuration sends to the app behind it. */
function sent(configuration: string): string[] {
  return [...configuration.matchAll(/proxy_(?!pass)\w+ [^;]+;/g)].map(([line]) => line);
}

/** What proves the blocks of a language; a block of any other language proves nothing, and is a mistake. */
const PROVEN = ['sh', 'json', 'yaml', 'python', 'nginx', 'ts'];
/** Drawings and message layouts, which nothing can run. */
const FIGURES = ['', 'text', 'mermaid'];

describe('the code in the documents', () => {
  it('is in a language that a test proves', () => {
    const others = blocks.filter(({ language }) => ![...PROVEN, ...FIGURES].includes(language));
    expect(others.map(({ at, language }) => `${at} ${language}`)).toEqual([]);
  });

  it.each(of('json'))('$at is JSON', ({ code }) => {
    expect(() => JSON.parse(code) as unknown).not.toThrow();
  });

  it.each([...of('yaml'), { at: '(none)', code: '' }])('$at is YAML', ({ code }) => {
    expect(() => parseYaml(code) as unknown).not.toThrow();
  });

  // The end-to-end specs run these files.
  it.each(of('python'))('$at is a file of examples/python', ({ code }) => {
    expect(filesIn('examples/python', '.py').map(read)).toContain(code);
  });

  // The end-to-end specs run nginx with the same headers.
  it.each(of('nginx'))('$at sends what the tested proxy sends', ({ code }) => {
    expect(sent(code)).toEqual(sent(read('e2e/harness/nginx.ts')));
  });
});

/** The commands of a block: a line each, continued lines joined, comments left out. */
function commandsOf({ code }: Block): string[] {
  return code
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)# .*$/, '').trim())
    .filter((line) => line !== '');
}

const { scripts } = JSON.parse(read('package.json')) as { scripts: Readonly<Record<string, string>> };
const SETTINGS = ['apps/publisher/.env.example', 'apps/sidecar/.env.example', ...filesIn('scripts', '.mjs')]
  .map(read)
  .join('\n');

/** The text of the script behind an npm command: its usage names its options, and the script takes no others. */
function usageOf(command: string): string {
  const file = /node (\S+)/.exec(scripts[command] ?? '')?.[1];
  return file === undefined ? '' : read(file);
}

describe('the commands in the documents', () => {
  it.each(of('sh'))('$at is a script that a shell can read', ({ code }) => {
    expect(() => execFileSync('bash', ['-n'], { input: code, stdio: 'pipe' })).not.toThrow();
  });

  it.each(of('sh'))('$at runs npm scripts that exist, with options that they know', (block) => {
    const unknown = commandsOf(block).flatMap((command) => {
      const [, name = '', rest = ''] = /\bnpm (?:run )?([a-z][\w:]*)(?: (.*))?$/.exec(command) ?? [];
      if (name === '' || name === 'install') return [];
      if (!(name in scripts)) return [`npm ${name}`];
      const options = ` ${rest}`.split(' -- ')[1]?.match(/--[a-z][\w-]*/g) ?? [];
      return options.filter((option) => !usageOf(name).includes(option)).map((option) => `${name} ${option}`);
    });
    expect(unknown).toEqual([]);
  });

  it.each(of('sh'))('$at sets only what the apps or the scripts read', (block) => {
    const set = commandsOf(block).flatMap((command) => [...command.matchAll(/(?:^|\s)([A-Z][A-Z_]+)=/g)]);
    expect(set.flatMap(([, name]) => name ?? []).filter((name) => !SETTINGS.includes(name))).toEqual([]);
  });

  it.each(of('sh'))('$at runs Python files that exist', (block) => {
    const files = commandsOf(block).flatMap((command) => /python3 (\S+\.py)/.exec(command)?.[1] ?? []);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

/** Blocks that another test compiles and runs, or that are no program. */
const TYPESCRIPT_ELSEWHERE: Readonly<Record<string, string>> = {
  'docs/tutorials/first-metric.md':
    'apps/sidecar/test/adding-a-metric.spec.ts compares the file with the one it runs',
};

/** What the fragments of the package's README are about. A block with imports of its own gets nothing. */
const FRAGMENT_PRELUDE = `
import { typedClient, ZmqClient, ZmqRecordBuilder, ZmqServer, zmqHandlers, type CurveKeyPair } from 'nestjs-zmq-transport';
interface Trade { readonly qty: number }
`;
const FRAGMENT_NAMES: Readonly<Record<string, string>> = {
  client: 'declare const client: ZmqClient;',
  trade: 'declare const trade: Trade;',
  bind: 'declare const bind: string;',
  connect: 'declare const connect: string;',
  serverPair: 'declare const serverPair: CurveKeyPair;',
  clientPair: 'declare const clientPair: CurveKeyPair;',
};

function moduleOf({ code }: Block): string {
  if (/^import /m.test(code)) return code;
  const missing = Object.entries(FRAGMENT_NAMES).filter(
    ([name]) => !new RegExp(`\\b(const|let) ${name}\\b`).test(code),
  );
  return [FRAGMENT_PRELUDE, ...missing.map(([, declaration]) => declaration), code].join('\n');
}

/** What the compiler says about each block, as a file of its own in the folder of the examples. */
function typeErrors(modules: ReadonlyMap<string, string>): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
    config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, root);
  const settings = { ...options, noEmit: true, noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(settings);
  const { readFile, fileExists, getSourceFile } = host;
  host.fileExists = (file) => modules.has(file) || fileExists.call(host, file);
  host.readFile = (file) => modules.get(file) ?? readFile.call(host, file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = modules.get(file);
    return text === undefined
      ? getSourceFile.call(host, file, version, ...rest)
      : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...modules.keys()], settings, host);
  return [...modules.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
}

describe('the TypeScript in the documents', () => {
  it('compiles as it is printed', () => {
    const printed = of('ts').filter(({ document }) => !(document in TYPESCRIPT_ELSEWHERE));
    const modules = new Map(
      printed.map((block) => [
        join(root, 'examples', `${block.at.replaceAll(/\W/g, '-')}.ts`),
        `${moduleOf(block)}\nexport {};\n`,
      ]),
    );
    expect(printed).not.toEqual([]);
    expect(typeErrors(modules)).toEqual([]);
  });
});
