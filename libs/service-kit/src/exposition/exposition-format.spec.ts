import { Counter, Gauge, Registry } from 'prom-client';
import { renderMetrics } from './exposition-format.js';

const OPEN_HEADER =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

function someMetrics(): { registry: Registry; counter: Counter } {
  const registry = new Registry();
  const registers = [registry];
  const counter = new Counter({ name: 'things_total', help: 'Things.', registers });
  const level = new Gauge({
    name: 'level',
    help: 'Level.',
    registers: [],
    collect() {
      this.set(Number.NaN);
    },
  });
  registry.registerMetric(level);
  let reads = 0;
  const counted = new Counter({
    name: 'reads_total',
    help: 'Reads.',
    registers: [],
    collect() {
      this.reset();
      this.inc((reads += 1));
    },
  });
  registry.registerMetric(counted);
  return { registry, counter };
}

describe('renderMetrics', () => {
  it.each([undefined, '', '*/*', 'text/plain', 'text/html,*/*;q=0.1', 'application/openmetrics-text;q=0'])(
    'writes plain text for Accept %p',
    async (accept) => {
      const { contentType, body } = await renderMetrics(someMetrics().registry, accept);
      expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(body).toContain('# TYPE things_total counter\nthings_total 0\n');
      expect(body).not.toContain('# EOF');
    },
  );

  it.each([
    OPEN_HEADER,
    'application/openmetrics-text',
    'text/plain;q=0.5, application/openmetrics-text;q=0.5',
  ])('writes OpenMetrics for Accept %p', async (accept) => {
    const { contentType, body } = await renderMetrics(someMetrics().registry, accept);
    expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(body).toContain('# TYPE things counter\nthings_total 0\n');
    expect(body).toMatch(/\n# EOF\n$/);
  });

  it('prefers plain text where it weighs more', async () => {
    const accept = 'application/openmetrics-text;q=0.3, text/plain;q=0.4';
    expect((await renderMetrics(someMetrics().registry, accept)).contentType).toMatch(/^text\/plain/);
  });

  it('keeps names and values of both formats in step, in whatever order they are asked for', async () => {
    const { registry, counter } = someMetrics();
    counter.inc(2);
    await renderMetrics(registry, OPEN_HEADER);
    counter.inc(3);
    const plain = await renderMetrics(registry, undefined);
    const open = await renderMetrics(registry, OPEN_HEADER);
    expect(plain.body).toContain('\nthings_total 5\n');
    expect(open.body).toContain('\nthings_total 5\n');
    expect(plain.body).toContain('\nreads_total 2\n');
    expect(open.body).toContain('\nreads_total 3\n');
  });

  it('shows a metric that was added between two requests in both formats', async () => {
    const { registry } = someMetrics();
    await renderMetrics(registry, OPEN_HEADER);
    registry.registerMetric(new Counter({ name: 'late_total', help: 'Late.', registers: [] }));
    expect((await renderMetrics(registry, OPEN_HEADER)).body).toContain('\nlate_total 0\n');
    expect((await renderMetrics(registry, undefined)).body).toContain('\nlate_total 0\n');
  });

  it('writes NaN as the formats do', async () => {
    const { registry } = someMetrics();
    expect((await renderMetrics(registry, undefined)).body).toContain('\nlevel NaN\n');
    expect((await renderMetrics(registry, OPEN_HEADER)).body).toContain('\nlevel NaN\n');
  });
});
