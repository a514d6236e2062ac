import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchUsageError, parseBenchOptions } from './bench.options.js';
import { Comparison } from './comparison.js';
import type { BenchReport } from './report/bench.report.js';
import { oneWayChart } from './report/chart.js';
import { merged } from './report/judge.js';
import { detailMarkdown, productMarkdown, reportText, withTables } from './report/table.js';

const USAGE_EXIT_CODE = 64;
const RESULTS = join('bench', 'results');

const LATEST = join(RESULTS, 'latest.json');
/** Documents whose tables stand between `<!-- NAME: written by npm run bench -->` and `<!-- end of NAME -->`. */
const DOCUMENTS = [join('docs', 'explanation', 'benchmarks.md'), 'README.md'];

function keep(report: BenchReport): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(LATEST, `${JSON.stringify(report, undefined, 2)}\n`);
  const chart = oneWayChart(report);
  if (chart !== undefined) writeFileSync(join(RESULTS, 'latest.svg'), chart);
  const tables = { product: productMarkdown(report), details: detailMarkdown(report) };
  for (const file of DOCUMENTS) {
    const document = readFileSync(file, 'utf8');
    const written = withTables(document, tables);
    if (written !== document) writeFileSync(file, written);
  }
}

/** What is kept of the runs before; undefined when nothing is. */
function kept(): BenchReport | undefined {
  return existsSync(LATEST) ? (JSON.parse(readFileSync(LATEST, 'utf8')) as BenchReport) : undefined;
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
    if (options.keep) keep(options.merge ? merged(kept(), report) : report);
    return 0;
  } catch (error) {
    if (!(error instanceof BenchUsageError)) throw error;
    console.error(`bench: ${error.message} (--help shows all options)`);
    return USAGE_EXIT_CODE;
  }
}
