import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { METRICS } from '../../../libs/contracts/src/index.js';
import { metricsOf } from '../../grafana/src/verify/promql-reader.js';
import { RULE_EXPECTATIONS } from '../../grafana/src/verify/rule-expectations.js';

const folder = resolve(__dirname, '..');
const root = resolve(folder, '../..');
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

interface Rule {
  record?: string;
  alert?: string;
  expr: string;
  labels?: { severity?: string };
  annotations?: { summary?: string; description?: string; runbook_url?: string };
}

interface TestFile {
  tests: { alert_rule_test?: { alertname: string; exp_alerts?: unknown[] }[] }[];
}

const readYaml = <T>(name: string): T => parse(readFileSync(join(rulesFolder, name), 'utf8')) as T;
const rulesOf = (name: string): Rule[] =>
  readYaml<{ groups: { rules: Rule[] }[] }>(name).groups.flatMap((group) => group.rules);
const alertCases = testFiles
  .flatMap((name) => readYaml<TestFile>(name).tests)
  .flatMap((test) => test.alert_rule_test ?? []);
const alerts = ruleFiles
  .flatMap((name) => rulesOf(name))
  .flatMap((rule) => (rule.alert === undefined ? [] : [[rule.alert, rule] as const]));

describe('the alerts', () => {
  it('are there', () => {
    expect(alerts.map(([name]) => name).sort()).toEqual([
      'TradingBrokerLagGrowing',
      'TradingClockSkew',
      'TradingFlowOneSided',
      'TradingLatencyHigh',
      'TradingNoEvents',
      'TradingOutboxFilling',
      'TradingPublishedAppliedDiffer',
      'TradingPublisherDown',
      'TradingRejectedRatioHigh',
      'TradingSidecarDown',
      'TradingSpoolNotDraining',
      'TradingSymbolFloods',
      'TradingVolumeUnusual',
    ]);
  });

  it.each(alerts)('%s is seen to fire, and to stay silent', (name) => {
    const cases = alertCases.filter(({ alertname }) => alertname === name);
    expect(cases.filter(({ exp_alerts: expected = [] }) => expected.length > 0)).not.toEqual([]);
    expect(cases.filter(({ exp_alerts: expected = [] }) => expected.length === 0)).not.toEqual([]);
  });

  it.each(alerts)('%s says what happened, how bad it is, and which page helps', (name, rule) => {
    expect(rule.labels?.severity).toMatch(/^(critical|warning)$/);
    expect(rule.annotations?.summary).toMatch(/\.$/);
    expect(rule.annotations?.description).toMatch(/\.$/);
    const page = rule.annotations?.runbook_url ?? '';
    expect(page).toBe(`docs/how-to/runbooks/${name}.md`);
    expect(readFileSync(join(root, page), 'utf8')).toMatch(new RegExp(`^# ${name}: `));
  });

  it('have no page too many, and each is in the list of pages', () => {
    const pages = readdirSync(join(root, 'docs/how-to/runbooks')).filter((file) => file !== 'README.md');
    expect(pages.sort()).toEqual(alerts.map(([name]) => `${name}.md`).sort());
    const list = readFileSync(join(root, 'docs/how-to/runbooks/README.md'), 'utf8');
    expect(pages.filter((page) => !list.includes(`(${page})`))).toEqual([]);
  });

  it.each(ruleFiles)('%s says at its head why it is there', (name) => {
    expect(readFileSync(join(rulesFolder, name), 'utf8')).toMatch(/^(# .+\n){2,}groups:/);
  });
});

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

  it.each(ruleFiles)('%s asks only for what the apps, Prometheus or another rule have', (name) => {
    const known = new Set([
      'up',
      ...Object.values(METRICS).flatMap(({ name: metric }) => [
        metric,
        `${metric}_bucket`,
        `${metric}_count`,
      ]),
      ...ruleFiles.flatMap((file) => rulesOf(file)).flatMap(({ record }) => record ?? []),
    ]);
    const asked = rulesOf(name).flatMap(({ expr }) => metricsOf(expr));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((metric) => !known.has(metric))).toEqual([]);
  });

  it('says for every recording rule what the proof must find', () => {
    const recorded = ruleFiles.flatMap((file) => rulesOf(file)).flatMap(({ record }) => record ?? []);
    expect(Object.keys(RULE_EXPECTATIONS).sort()).toEqual(recorded.sort());
  });
});
