import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { METRICS } from '../../../libs/contracts/src/index.js';

const folder = resolve(__dirname, '..');
const rulesFolder = join(folder, 'rules');
const ruleFiles = readdirSync(rulesFolder).filter((name) => name.endsWith('.rules.yml'));
const testFiles = readdirSync(rulesFolder).filter((name) => name.endsWith('.test.yml'));

const promtool = (...args: string[]): { status: number | null; output: string } => {
  const { status, stdout, stderr } = spawnSync('promtool', args, { cwd: folder, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
};

const isInstalled = spawnSync('promtool', ['--version']).error === undefined;
const whenInstalled = isInstalled ? describe : describe.skip;
const title = isInstalled
  ? 'promtool'
  : 'promtool (skipped: it is not on the PATH; apt-get install prometheus)';

whenInstalled(title, () => {
  it('accepts the configuration', () => {
    const { status, output } = promtool('check', 'config', 'prometheus.yml');
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
    expect(output).not.toContain('WARNING');
  });

  it.each(ruleFiles)('accepts the rules of %s', (name) => {
    expect(promtool('check', 'rules', join('rules', name))).toMatchObject({ status: 0 });
  });

  it.each(testFiles)('finds that the rules compute what %s says', (name) => {
    expect(promtool('test', 'rules', join('rules', name))).toMatchObject({ status: 0 });
  });
});

interface RuleFile {
  groups: { rules: { record?: string; expr: string }[] }[];
}

describe('the configuration', () => {
  it('scrapes both apps every second, at the paths that they serve', () => {
    const config = parse(readFileSync(join(folder, 'prometheus.yml'), 'utf8')) as {
      global: object;
      scrape_configs: { job_name: string; metrics_path: string }[];
    };
    expect(config.global).toMatchObject({ scrape_interval: '1s', scrape_timeout: '1s' });
    expect(config.scrape_configs.map((job) => [job.job_name, job.metrics_path])).toEqual([
      ['publisher', '/metrics'],
      ['sidecar', '/metrics/'],
    ]);
  });

  it.each(ruleFiles)('%s asks only for metrics that the apps have', (name) => {
    const { groups } = parse(readFileSync(join(rulesFolder, name), 'utf8')) as RuleFile;
    const rules = groups.flatMap((group) => group.rules);
    const known = new Set(Object.values(METRICS).flatMap(({ name: metric }) => [metric, `${metric}_bucket`]));
    const asked = rules.flatMap(
      ({ expr }) => expr.match(/\b[a-z]+(?:_[a-z]+)*_(?:total|seconds|bucket)\b(?!:)/g) ?? [],
    );
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((metric) => !known.has(metric))).toEqual([]);
  });
});
