import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DOCUMENTS, filesIn, ROOT as root } from './documents.fixture.js';

const documents = [...DOCUMENTS, 'libs/jetstream-transport/README.md'];

/** The anchors of a document: its headings, as GitHub and the site name them. */
function anchorsOf(file: string): Set<string> {
  const headings = [...readFileSync(join(root, file), 'utf8').matchAll(/^#{1,6} (.+)$/gm)];
  return new Set(
    headings.map(([, text = '']) =>
      text
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .trim()
        .replaceAll(/\s/g, '-'),
    ),
  );
}

/** The links of a document into another one, or itself, below a heading. */
function linkedAnchors(document: string): { file: string; anchor: string }[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/\]\((?!https?:)([^)#]*)#([^)]+)\)/g)].map(([, target = '', anchor = '']) => ({
    file: target === '' ? document : join(dirname(document), target),
    anchor,
  }));
}

/** The targets of a document's links that are files of the project. */
function linkedFiles(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].flatMap(([, target]) => target ?? []);
}

describe('the documents', () => {
  it.each(documents)('%s is merged to its end', (document) => {
    expect(readFileSync(join(root, document), 'utf8')).not.toMatch(/^(?:<{7}|>{7}) /m);
  });

  it.each(documents)('%s links to nothing that is missing', (document) => {
    const missing = linkedFiles(document).filter((file) => !existsSync(join(root, dirname(document), file)));

    expect(missing).toEqual([]);
  });

  it.each(documents)('%s links below headings that are there', (document) => {
    const missing = linkedAnchors(document).filter(({ file, anchor }) => !anchorsOf(file).has(anchor));

    expect(missing).toEqual([]);
  });

  it('begin with a page that is read in a few minutes', () => {
    const words = readFileSync(join(root, 'README.md'), 'utf8').split(/\s+/).length;

    expect(words).toBeLessThanOrEqual(900);
  });

  // git ls-files docs libs | grep '\.md$' | grep -v decisions | xargs cat | wc -w
  it('are read in an hour or two: all of them together have at most 14,000 words, code included', () => {
    const read = [...filesIn('docs', '.md'), ...filesIn('libs', '.md')].filter(
      (name) => !/decisions|\/(?:node_modules|dist)\//.test(name),
    );
    const words = read.flatMap((name) => readFileSync(join(root, name), 'utf8').split(/\s+/).filter(Boolean));

    expect(read).toContain('libs/zmq-transport/PROTOCOL.md');
    expect(words.length).toBeLessThanOrEqual(14_000);
  });

  it('lead through every stop of an event by a file', () => {
    const stops = [
      ...readFileSync(join(root, 'docs/explanation/architecture.md'), 'utf8').matchAll(
        /^\| (\d) \| \[(.+?)\]/gm,
      ),
    ];

    expect(stops.map(([, stop]) => stop)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
  });

  // A table cell or a list item has `[file](path) `name``: the reader opens the file and looks for the name.
  it('name methods and classes that the file has', () => {
    const page = 'docs/explanation/architecture.md';
    const stops = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#]+\.ts)\) `([\w.]+)`/g)];
    const missing = stops.filter(([, file = '', name = '']) => {
      const text = readFileSync(join(root, dirname(page), file), 'utf8');
      return name
        .split('.')
        .some((part) => !new RegExp(`^ *(?:[a-z]+ )*${part}\\b ?[<({]|class ${part}\\b`, 'm').test(text));
    });

    expect(stops.length).toBeGreaterThan(30);
    expect(missing.map(([stop]) => stop)).toEqual([]);
  });

  it('name only commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = documents.flatMap((document) => [
      ...readFileSync(join(root, document), 'utf8').matchAll(/npm run ([a-z][a-z:]*[a-z])/g),
    ]);

    expect(named.flatMap(([, name]) => name ?? []).filter((name) => !(name in scripts))).toEqual([]);
  });
});
