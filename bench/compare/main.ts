import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchUsageError, type GivenOptions, parseBenchOptions } from './bench-options.js';
import { Comparison } from './comparison.js';
import type { BenchReport } from './report/bench-report.js';
import { oneWayChart } from './report/chart.js';
import { merged } from './report/judge.js';
import { reportDocument, reportText, summaryMarkdown, withTables } from './report/table.js';

const USAGE_EXIT_CODE = 64;
const RESULTS = join('bench', 'results');

const LATEST = join(RESULTS, 'latest.json');
/** Has a table between `<!-- summary: written by npm run bench -->` and `<!-- end of summary -->`. */
const DOCUMENT = 'README.md';

function keep(report: BenchReport): void {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(LATEST, `${JSON.stringify(report, undefined, 2)}\n`);
}

/** The documents made from the kept results. */
function writeDocuments(report: BenchReport): void {
  const chart = oneWayChart(report);
  if (chart !== undefined) writeFileSync(join(RESULTS, 'latest.svg'), chart);
  writeFileSync(join(RESULTS, 'latest.md'), reportDocument(report));
  const document = readFileSync(DOCUMENT, 'utf8');
  const written = withTables(document, { summary: summaryMarkdown(report) });
  if (written !== document) writeFileSync(DOCUMENT, written);
}

/** The kept results of earlier runs; undefined when there are none. */
function kept(): BenchReport | undefined {
  return existsSync(LATEST) ? (JSON.parse(readFileSync(LATEST, 'utf8')) as BenchReport) : undefined;
}

/**
 * `npm run bench`: one comparison and its report. It reports a missed target, which is no failure.
 * @returns the exit code: 0 when it ran, 64 for a wrong command line
 */
export async function runBench(given: GivenOptions): Promise<number> {
  try {
    const options = parseBenchOptions(given);
    const report = await new Comparison(options, (text) => console.error(text)).run();
    console.log(`\n${reportText(report)}`);
    if (options.jsonFile !== undefined) {
      writeFileSync(options.jsonFile, `${JSON.stringify(report, undefined, 2)}\n`);
    }
    if (options.keep) {
      const whole = options.merge ? merged(kept(), report) : report;
      keep(whole);
      if (options.write) writeDocuments(whole);
    }
    return 0;
  } catch (error) {
    if (!(error instanceof BenchUsageError)) throw error;
    console.error(`bench: ${error.message} (--help shows all options)`);
    return USAGE_EXIT_CODE;
  }
}
