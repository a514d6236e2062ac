import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BENCH_USAGE, BenchUsageError, parseBenchOptions } from './bench.options.js';
import { Comparison } from './comparison.js';
import type { BenchReport } from './report/bench.report.js';
import { oneWayChart } from './report/chart.js';
import { reportText } from './report/table.js';

const USAGE_EXIT_CODE = 64;
const RESULTS = join('bench', 'results');

function keep(name: string, report: BenchReport): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
  const chart = oneWayChart(report);
  if (chart !== undefined) writeFileSync(join(RESULTS, `${name}.svg`), chart);
}

/**
 * `npm run bench`: one comparison and its report. A target that is missed is said, and is no failure.
 * @returns the exit code: 0 when it ran, 64 for a wrong command line
 */
export async function runBench(args: readonly string[]): Promise<number> {
  try {
    const options = parseBenchOptions(args);
    const report = await new Comparison(options, (text) => console.error(text)).run();
    console.log(`\n${reportText(report)}`);
    if (options.jsonFile !== undefined) {
      writeFileSync(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
    }
    if (options.keepAs !== undefined) keep(options.keepAs, report);
    return 0;
  } catch (error) {
    if (!(error instanceof BenchUsageError)) throw error;
    console.error(`${error.message}\n${BENCH_USAGE}`);
    return USAGE_EXIT_CODE;
  }
}
