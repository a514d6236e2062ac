import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { nearestToZero } from '../../grafana/src/promql-text.js';
import { expandMacros } from '../../grafana/src/verify/promql-reader.js';

const isInstalled = spawnSync('promtool', ['--version']).error === undefined;
const whenInstalled = isInstalled ? describe : describe.skip;
const title = isInstalled
  ? 'a difference of two apps'
  : 'a difference of two apps (skipped: promtool is not on the PATH; apt-get install prometheus)';

/** Values at 0, 0.5, 1 … s; the counters are there only in every second of them, one app half a second after the other. */
interface Scrapes {
  readonly accepted: string;
  readonly applied: string;
}

/** Whether `promtool` finds the expression to read this 9.5 s in, after a scrape of one app, and 10 s in, after the other's. */
function reads(expression: string, { accepted, applied }: Scrapes, expected: readonly number[]): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'nearest-to-zero-'));
  const file = join(folder, 'case.test.yml');
  const test = {
    interval: '500ms',
    input_series: [
      { series: 'accepted', values: accepted },
      { series: 'applied', values: applied },
    ],
    promql_expr_test: ['9500ms', '10s'].map((time, index) => ({
      expr: expandMacros(expression),
      eval_time: time,
      exp_samples: [{ labels: '{}', value: expected[index] }],
    })),
  };
  try {
    writeFileSync(file, stringify({ evaluation_interval: '500ms', tests: [test] }));
    return spawnSync('promtool', ['test', 'rules', file]).status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const DIFFERENCE = 'sum(accepted) - sum(applied)';
const even = (values: readonly number[]): string => values.map((value) => `${value} _`).join(' ');
const odd = (values: readonly number[]): string => values.map((value) => `_ ${value}`).join(' ');
/** 100 trades a second, as an app tells at each of 12 scrapes that begin this long after the start. */
const flowing = (startSeconds: number, missing = 0): number[] =>
  Array.from({ length: 12 }, (_, second) => (second + startSeconds) * 100 - missing);

whenInstalled(title, () => {
  const healthy = { accepted: even(flowing(0)), applied: odd(flowing(0.5)) };

  it('jumps around zero by itself while trades flow', () => {
    expect(reads(DIFFERENCE, healthy, [-50, 50])).toBe(true);
  });

  it('reads zero while trades flow and none is missing', () => {
    expect(reads(nearestToZero(DIFFERENCE), healthy, [0, 0])).toBe(true);
  });

  it('reads nearly all of 400 missing trades while others flow', () => {
    // The nearest look is half a second of trades, 50, off.
    const lossy = { accepted: even(flowing(0)), applied: odd(flowing(0.5, 400)) };
    expect(reads(nearestToZero(DIFFERENCE), lossy, [350, 350])).toBe(true);
  });

  it('reads 400 trades of another program as less than zero', () => {
    const foreign = { accepted: even(flowing(0)), applied: odd(flowing(0.5, -400)) };
    expect(reads(nearestToZero(DIFFERENCE), foreign, [-350, -350])).toBe(true);
  });

  it.each([7, 0, -7])('reads %d exactly at rest', (missing) => {
    const resting = {
      accepted: even(Array<number>(12).fill(900)),
      applied: odd(Array<number>(12).fill(900 - missing)),
    };
    expect(reads(nearestToZero(DIFFERENCE), resting, [missing, missing])).toBe(true);
  });
});
