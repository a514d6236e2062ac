import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const ROOT = join(__dirname, '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

interface Workflow {
  readonly jobs: Record<
    string,
    {
      readonly steps: readonly { readonly run?: string }[];
      readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
    }
  >;
}

describe('the workflow of continuous integration', () => {
  const { jobs } = parse(read('.github/workflows/ci.yml')) as Workflow;
  const lastStepOf = (job: string): string | undefined => jobs[job]?.steps.at(-1)?.run;

  it('runs the gate, which is a program', () => {
    expect(lastStepOf('gate')).toBe('.ci/run');
    expect(statSync(join(ROOT, '.ci', 'run')).mode & 0o111).not.toBe(0);
  });

  it('runs the matrix on each Node that it has without a name, which includes the oldest that is allowed', () => {
    expect(lastStepOf('matrix')).toBe('npm run matrix -- ${{ matrix.node }}');
    const [, versions = ''] = /^const VERSIONS = \[(.+)\];$/m.exec(read('scripts/matrix.mjs')) ?? [];
    const nodes = jobs.matrix?.strategy?.matrix.node.map(String);
    expect(nodes).toEqual([...versions.matchAll(/\d+/g)].map(([node]) => node));
    const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
    expect(engines.node.startsWith(`>=${nodes?.[0]}.`)).toBe(true);
  });
});
