import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as transport from '../../src/index.js';

const LIBRARY = join(__dirname, '..', '..');
const CORE = join(LIBRARY, '..', 'transport-core', 'src');
const README = readFileSync(join(LIBRARY, 'README.md'), 'utf8');

/** The error classes of both libraries. */
const ERRORS = [CORE, join(LIBRARY, 'src')]
  .map((folder) => readFileSync(join(folder, 'errors.ts'), 'utf8'))
  .join();

interface Option {
  readonly name: string;
  readonly isOptional: boolean;
  /** Its docstring, which editors and the API reference show. */
  readonly text: string;
}

/** The properties of all option interfaces, from the source. */
const OPTIONS: readonly Option[] = [
  join(LIBRARY, 'src/zmq-options.ts'),
  join(LIBRARY, 'src/sockets/socket-settings.ts'),
  join(CORE, 'options.ts'),
  join(CORE, 'nest/event-server.ts'),
].flatMap(optionsIn);

/** Options without which nothing is there to describe: a side has an address or the other, a callback or none. */
const WITHOUT_DEFAULT = [
  'bind',
  'connect',
  'directory',
  'delivery',
  'ledger',
  'onBatchSent',
  'onRejected',
  'outbox',
  'retry',
];

function optionsIn(file: string): Option[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2023, true);
  return (
    source.statements
      .filter(ts.isInterfaceDeclaration)
      // What the transport tells, and is not told; and zeromq.js' own options, which its documentation describes.
      .filter(
        ({ name }) =>
          name.text !== 'BatchSent' &&
          !/(Stats|Settings|ResolvedEndpoints|RawSocketOptions)$/.test(name.text),
      )
      .flatMap(({ members }) => members.filter(ts.isPropertySignature))
      .map((member) => ({
        name: member.name.getText(source),
        isOptional: member.questionToken !== undefined,
        text: ts
          .getJSDocCommentsAndTags(member)
          .map((comment) => comment.getText(source))
          .join('\n'),
      }))
  );
}

/** All code of both libraries, without specs. */
const CODE = [join(LIBRARY, 'src'), CORE]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n');

/** `16 * 1024` and `65_536` as numbers; a constant as the number that it has. */
function numberOf(text: string): number {
  const value = /^[A-Z_]+$/.test(text.trim())
    ? (new RegExp(`const ${text.trim()} = ([\\d_* ]+)`).exec(CODE)?.[1] ?? '')
    : text;
  return value
    .replaceAll('_', '')
    .split('*')
    .reduce((product, factor) => product * Number(factor), 1);
}

/** What the code takes for an option that is left out: `options.maxInFlight ?? 1024`. */
function fallbacksOf(name: string): number[] {
  return [...CODE.matchAll(new RegExp(`\\b${name} \\?\\? ([\\d_* ]+|[A-Z_]+)`, 'g'))].map(([, value = '']) =>
    numberOf(value),
  );
}

/** Options whose `@default` is a number, and the code does not choose it by the socket pair. */
const numbers = OPTIONS.flatMap(({ name, text }) => {
  const value = /@default (-?\d+)/.exec(text)?.[1];
  return value === undefined || name === 'highWaterMark' ? [] : [{ name, value: Number(value) }];
});

describe('the options of the package', () => {
  it('are many, and most have a number as default', () => {
    expect(OPTIONS.length).toBeGreaterThan(40);
    expect(numbers.length).toBeGreaterThan(20);
  });

  it('are each described where an editor shows it, with the default', () => {
    const silent = OPTIONS.filter(
      ({ name, isOptional, text }) =>
        !/[a-z]/.test(text) || (isOptional && !text.includes('@default') && !WITHOUT_DEFAULT.includes(name)),
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it.each(numbers)('have the default that they describe: $name', ({ name, value }) => {
    expect(fallbacksOf(name)).toContain(value);
  });
});

describe('the README of the package', () => {
  it('names no option that is not there', () => {
    const section = README.slice(README.indexOf('\n## Options'), README.indexOf('\n## Codecs'));
    const named = [...section.matchAll(/`([a-z]\w+(?:\.\w+)?)`/g)].map(([, name = '']) =>
      name.split('.').at(-1),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !OPTIONS.some((option) => option.name === name))).toEqual([]);
  });

  it('lists every error, whose code follows from its name, and none that is not there', () => {
    const section = README.slice(README.indexOf('\n## Errors'), README.indexOf('\n## Limits'));
    const listed = new Set([...section.matchAll(/`(\w+Error)`/g)].flatMap(([, name]) => name ?? []));
    listed.delete('ZmqTransportError');
    const exported = Object.entries(transport).flatMap(([name, value]) =>
      isErrorClass(value) ? [name] : [],
    );
    expect([...listed].sort()).toEqual(exported.sort());
    expect(exported.map((name) => `${name} ${codeOf(name)}`)).toEqual(
      exported.map((name) => `${name} ERR_ZMQ_${codeWords(name)}`),
    );
  });

  it('lists every socket pair', () => {
    const listed = [...README.matchAll(/^- `(\w+-\w+)`/gm)].map(([, pair]) => pair);
    expect(listed).toEqual([...transport.SOCKET_PAIRS]);
  });
});

function isErrorClass(value: unknown): boolean {
  return typeof value === 'function' && value.prototype instanceof transport.ZmqTransportError;
}

/** The code stands in the source: an instance would need each class's own arguments. */
function codeOf(name: string): string | undefined {
  return new RegExp(`class ${name} [^}]*code = '(ERR_ZMQ_\\w+)'`).exec(ERRORS)?.[1];
}

/** `OutboxFullError` as `OUTBOX_FULL`. */
function codeWords(name: string): string {
  return name
    .replace(/Error$/, '')
    .replaceAll(/\B[A-Z]/g, '_$&')
    .toUpperCase();
}
