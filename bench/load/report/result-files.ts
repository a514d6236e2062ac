import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LatencyDistribution } from '../measure/latency-distribution.js';
import type { ResultFiles } from '../options/load-options.js';
import { LoadUsageError } from '../options/option-values.js';
import { findChromium, writePng } from './chart-png.js';
import { hdrText } from './hdr-text.js';
import { reportJson } from './load-report.js';
import { type ChartTitles, percentileChart } from './percentile-chart.js';

/**
 * Checks before a run what would otherwise fail after it and lose its numbers.
 * @throws {LoadUsageError} when a file cannot be written, or a PNG cannot be drawn
 */
export function checkResultFiles(files: ResultFiles): void {
  for (const [option, file] of Object.entries(files)) {
    if (file === undefined) continue;
    try {
      accessSync(dirname(file), constants.W_OK);
    } catch (error) {
      throw new LoadUsageError(`--${option}: nothing can be written to the folder ${dirname(file)}`, {
        cause: error,
      });
    }
  }
  if (files.chart?.endsWith('.png') && findChromium(process.env) === undefined)
    throw new LoadUsageError(
      '--chart: a .png needs Chromium (Debian: apt-get install chromium, or name it in CHROMIUM); .svg needs nothing',
    );
}

/** Writes the requested files. Without a distribution, because no rate held, there is no curve to write. */
export function writeResultFiles(
  { json, hdr, chart }: ResultFiles,
  report: object,
  distribution: LatencyDistribution | undefined,
  titles: ChartTitles,
): void {
  if (json !== undefined) writeFileSync(json, reportJson(report));
  if (distribution === undefined) return;
  if (hdr !== undefined) writeFileSync(hdr, hdrText(distribution));
  if (chart === undefined) return;
  const svg = percentileChart(distribution, titles);
  const chromium = chart.endsWith('.png') ? findChromium(process.env) : undefined;
  if (chromium === undefined) writeFileSync(chart, svg);
  else writePng(chromium, svg, chart);
}
