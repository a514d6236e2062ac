import { basename } from 'node:path';
import { RESERVED_NAMES } from '../../../libs/contracts/src/index.js';
import {
  type EventDefinition,
  type MetricDefinition,
  readMetricsFile,
} from '../../../libs/event-metrics/src/index.js';
import type { DashboardDefinition, PanelDefinition, Query } from './panel-definition.js';
import { quantileOf, sumOfRates } from './promql-text.js';

/** What the proof must find, by the title of a panel and the legend of its query; anything where it is not named. */
export type Expectations = Readonly<Record<string, Query['expected']>>;

/** Columns of 24. */
const WIDTH = 8;
const ANYTHING: Query['expected'] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
/** Units by the ending of a name in base units. */
const UNITS: readonly (readonly [ending: RegExp, unit: string])[] = [
  [/_seconds$/, 's'],
  [/_bytes$/, 'bytes'],
  [/_ratio$/, 'percentunit'],
  [/_celsius$/, 'celsius'],
  [/_meters$/, 'lengthm'],
  [/_volts$/, 'volt'],
  [/_amperes$/, 'amp'],
  [/_joules$/, 'joule'],
  [/_grams$/, 'massg'],
];

/**
 * The dashboard of a file of SIDECAR_METRICS: a row for each type, a panel for each metric, with the unit that its name says.
 *
 * @throws MetricsFileError
 */
export function configuredDashboard(path: string, expected: Expectations = {}): DashboardDefinition {
  const { events } = readMetricsFile(path, RESERVED_NAMES);
  const name = basename(path).replace(/\.ya?ml$/, '');
  return {
    uid: `events-${name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 32)}`,
    title: `Events: ${name}`,
    description: `Metrics of the event types in ${basename(path)}.`,
    provenWith: 'at-most-once',
    sections: [...events.values()].map((definition) => sectionOf(definition, expected)),
  };
}

function sectionOf(
  { type, metrics }: EventDefinition,
  expected: Expectations,
): DashboardDefinition['sections'][number] {
  return { title: type, panels: metrics.flatMap((metric) => panelsOf(metric, expected)) };
}

function panelsOf(metric: MetricDefinition, expected: Expectations): PanelDefinition[] {
  const { kind, name, help } = metric;
  const description = help.endsWith('.') ? help : `${help}.`;
  const labels = metric.labels.filter(({ from }) => from !== undefined).map((label) => label.name);
  const legend = labels.length === 0 ? name : labels.map((label) => `{{${label}}}`).join(' ');
  const panel = (
    title: string,
    unit: string,
    queries: readonly Omit<Query, 'expected'>[],
  ): PanelDefinition => ({
    kind: 'graph',
    title,
    description,
    unit,
    width: WIDTH,
    queries: queries.map((query) => ({
      ...query,
      expected: expected[`${title} ${query.legend}`] ?? expected[title] ?? ANYTHING,
    })),
  });
  if (kind === 'counter') {
    const counted = name.replace(/_total$/, '');
    const unit = unitOf(counted) ?? `suffix: ${counted.split('_')[0] ?? ''}/s`;
    return [panel(`${name} per second`, unit, [{ expr: sumOfRates(name, labels), legend }])];
  }
  const unit = unitOf(name) ?? 'short';
  if (kind === 'gauge') {
    const by = labels.length === 0 ? '' : ` by (${labels.join(', ')})`;
    return [{ ...panel(name, unit, [{ expr: `max${by} (${name})`, legend }]), axisMin: 'auto' }];
  }
  const quantiles = [0.5, 0.99].map((quantile) => {
    const which = `p${quantile * 100}`;
    return {
      expr: quantileOf(quantile, name, labels),
      legend: labels.length === 0 ? which : `${which} ${legend}`,
    };
  });
  return [panel(`${name}: p50 and p99`, unit, quantiles)];
}

function unitOf(name: string): string | undefined {
  return UNITS.find(([ending]) => ending.test(name))?.[1];
}
