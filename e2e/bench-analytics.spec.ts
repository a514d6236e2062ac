import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProgramScope } from '../testing/program.js';

describe('npm run bench:analytics', () => {
  const scope = new ProgramScope();
  const folder = mkdtempSync(join(tmpdir(), 'trading-bench-analytics-'));

  afterAll(async () => {
    await scope.dispose();
    rmSync(folder, { recursive: true });
  });

  it('measures an event, a scrape, a snapshot and a flood of the built sidecar', async () => {
    const file = join(folder, 'report.json');
    const bench = scope.start(process.execPath, ['bench/analytics/run.mjs', '--quick', '--json', file]);
    expect((await bench.exited).code).toBe(0);

    const { node, cpu, ...figures } = JSON.parse(readFileSync(file, 'utf8')) as Record<
      string,
      string | number
    >;
    expect([node, cpu]).toEqual([process.version, expect.any(String)]);
    const numbers = Object.entries(figures).map(([name, figure]) => [name, Number(figure)] as const);
    expect(numbers.filter(([, figure]) => !Number.isFinite(figure))).toEqual([]);
    expect(numbers.length).toBeGreaterThanOrEqual(13);
    // With two hundred symbols.
    expect(figures['series a scrape']).toBeGreaterThan(1200);
    expect(figures['events a second in the flood']).toBeGreaterThan(0);
  });
});
