import { METRICS } from '../../libs/contracts/src/metrics/metric-catalogue.js';
import type { MetricDefinition } from '../../libs/contracts/src/metrics/metric-definition.js';

/** The page of all metrics, as Markdown, made of the catalogue that both apps register. */
export function metricsPage(): string {
  const rows = Object.values<MetricDefinition<string> & { readonly buckets?: readonly number[] }>(METRICS)
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map((metric) => `| \`${nameOf(metric)}\` | ${typeOf(metric)} | ${metric.help.replaceAll('|', '\\|')} |`);
  return ['# Metrics', '', '| metric | type | meaning |', '|---|---|---|', ...rows, ''].join('\n');
}

function nameOf({ name, labelNames }: MetricDefinition<string>): string {
  return labelNames.length === 0 ? name : `${name}{${labelNames.join(',')}}`;
}

function typeOf({
  name,
  labelNames,
  buckets,
}: MetricDefinition<string> & { readonly buckets?: unknown }): string {
  if (buckets !== undefined) return 'histogram';
  if (labelNames.includes('quantile')) return 'summary';
  return name.endsWith('_total') ? 'counter' : 'gauge';
}
