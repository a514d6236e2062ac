// The names of the files, as CONTRIBUTING.md has the rule: the kinds there are what is tested.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOT = join(__dirname, '..');
const FOLDERS = ['apps', 'bench', 'deploy', 'e2e', 'examples', 'faults', 'libs', 'scripts', 'testing'];
const CODE = /\.(?:ts|tsx|mjs|cjs)$/;

const rule = /\*\*A file is named `.+?`\*\*.*\n(?:  .*\n)*/.exec(
  readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8'),
)?.[0];
const kinds = [...(rule ?? '').matchAll(/`(\w+)`/g)].map(([, kind = '']) => kind);

const files = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => CODE.test(file) && !/(?:^|[\\/])(?:node_modules|dist)[\\/]/.test(file))
    .map((file) => join(folder, file)),
);

/** Whether a name is words with hyphens, then at most one kind, then `spec` for a test. */
function follows(file: string): boolean {
  const [words = '', ...rest] = basename(file).replace(CODE, '').split('.');
  const [kind, ...more] = rest.at(-1) === 'spec' ? rest.slice(0, -1) : rest;
  return (
    /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(words) &&
    (kind === undefined || kinds.includes(kind)) &&
    more.length === 0
  );
}

describe('the files', () => {
  it('are many, and the rule names their kinds', () => {
    expect(files.length).toBeGreaterThan(500);
    expect(kinds).toEqual(expect.arrayContaining(['module', 'controller', 'spec']));
  });

  it('are named by the one rule', () => {
    expect(files.filter((file) => !follows(file))).toEqual([]);
  });
});
