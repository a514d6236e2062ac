import { readFileSync } from 'node:fs';
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

interface DocumentedOption {
  readonly name: string;
  /** What its `@default` begins with: a number, a quoted word, or a word. */
  readonly defaultValue: string | undefined;
}

/** The properties of all option interfaces, from the source. */
function optionsInSource(): DocumentedOption[] {
  return [
    join(LIBRARY, 'src/zmq-options.ts'),
    join(LIBRARY, 'src/sockets/socket-settings.ts'),
    join(CORE, 'options.ts'),
    join(CORE, 'nest/event-server.ts'),
  ].flatMap(optionsIn);
}

function optionsIn(file: string): DocumentedOption[] {
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
        defaultValue: /@default (-?\d+|'[^']+'|\w+)/.exec(member.getFullText(source))?.[1],
      }))
  );
}

/** The rows of the README's option tables, by option. */
function optionRows(): Map<string, string> {
  const section = README.slice(README.indexOf('\n## Options'), README.indexOf('\n## Codecs'));
  return new Map(
    [...section.matchAll(/^\| `(\w+)` \| (.*) \|/gm)].map(([, name = '', rest = '']) => [name, rest]),
  );
}

describe('the README of the package', () => {
  it('describes every option, and none that is not there', () => {
    const names = new Set(optionsInSource().map(({ name }) => name));
    expect([...optionRows().keys()].sort()).toEqual([...names].sort());
  });

  it.each(optionsInSource().filter(({ defaultValue }) => defaultValue !== undefined))(
    'names the default of $name',
    ({ name, defaultValue = '' }) => {
      expect(optionRows().get(name)?.split(' | ')[0]).toContain(defaultValue);
    },
  );

  it('lists every error by class and code, and none that is not there', () => {
    const section = README.slice(README.indexOf('\n## Errors'), README.indexOf('\n## Limits'));
    const listed = [...section.matchAll(/^\| `(ERR_\w+)` \| `(\w+)`/gm)].map(
      ([, code, name]) => `${name} ${code}`,
    );
    const exported = Object.entries(transport)
      .filter(([, value]) => isErrorClass(value))
      .map(([name]) => `${name} ${codeOf(name)}`);
    expect(listed.sort()).toEqual(exported.sort());
  });

  it('lists every socket pair', () => {
    const listed = [...README.matchAll(/^\| `(\w+-\w+)`/gm)].map(([, pair]) => pair);
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
