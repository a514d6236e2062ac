import type { LatencyDistribution } from '../measure/latency-distribution.js';
import { percentilePoints } from './percentile-levels.js';

const WIDTH = 12;

function milliseconds(seconds: number): string {
  return (seconds * 1000).toFixed(3);
}

function row(seconds: number, quantile: number, count: number): string {
  const inverse = quantile < 1 ? (1 / (1 - quantile)).toFixed(2) : 'inf';
  return [milliseconds(seconds), quantile.toFixed(6), String(count), inverse]
    .map((cell) => cell.padStart(WIDTH))
    .join(' ');
}

function footer(pairs: readonly [string, string][]): string {
  return `#[${pairs.map(([name, value]) => `${name} = ${value.padStart(WIDTH)}`).join(', ')}]`;
}

/**
 * The distribution in HdrHistogram's percentile text form (`outputPercentileDistribution`), in milliseconds: tools such
 * as the HdrHistogram plotter read it.
 */
export function hdrText(distribution: LatencyDistribution): string {
  const { meanSeconds, deviationSeconds, maxSeconds, count } = distribution;
  return [
    ['Value', 'Percentile', 'TotalCount', '1/(1-Percentile)'].map((name) => name.padStart(WIDTH)).join(' '),
    '',
    ...percentilePoints(distribution).map((point) => row(point.seconds, point.quantile, point.count)),
    footer([
      ['Mean   ', milliseconds(meanSeconds)],
      ['StdDeviation  ', milliseconds(deviationSeconds)],
    ]),
    footer([
      ['Max    ', milliseconds(maxSeconds)],
      ['Total count   ', String(count)],
    ]),
    '',
  ].join('\n');
}
